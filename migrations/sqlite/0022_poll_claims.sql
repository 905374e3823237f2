CREATE TABLE `poll_claims` (
	`lease_ends_at` integer NOT NULL,
	`holder` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `poll_claims_once` ON `poll_claims` (`lease_ends_at`,`holder`);
