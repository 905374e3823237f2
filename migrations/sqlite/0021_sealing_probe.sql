CREATE TABLE `sealing_probe` (
	`id` integer PRIMARY KEY NOT NULL,
	`sealed` text NOT NULL
) STRICT;
