CREATE TABLE `forgotten_attempts` (
	`id` text PRIMARY KEY NOT NULL,
	`request_id` text NOT NULL,
	`upstream` text NOT NULL,
	`operation` text NOT NULL,
	`callback_token_hash` text NOT NULL,
	`credits` integer NOT NULL,
	`started_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `forgotten_attempts_age` ON `forgotten_attempts` (`started_at`);--> statement-breakpoint
CREATE TABLE `forgotten_works` (
	`upstream` text NOT NULL,
	`upstream_task_id` text NOT NULL,
	`attempt_id` text NOT NULL,
	`request_id` text NOT NULL,
	`credits` integer NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `forgotten_works_once` ON `forgotten_works` (`upstream`,`upstream_task_id`);--> statement-breakpoint
CREATE INDEX `forgotten_works_attempt` ON `forgotten_works` (`attempt_id`);--> statement-breakpoint
CREATE TABLE `strays` (
	`name` text PRIMARY KEY NOT NULL,
	`store` text NOT NULL,
	`seen_at` integer NOT NULL,
	CONSTRAINT "strays_store" CHECK("strays"."store" = 'disk' OR "strays"."store" = 's3')
) STRICT;
--> statement-breakpoint
CREATE INDEX `strays_age` ON `strays` (`seen_at`);--> statement-breakpoint
CREATE TRIGGER `a_forgotten_work_is_counted` AFTER INSERT ON `forgotten_works`
BEGIN
	INSERT INTO `counters` (`name`, `value`) VALUES ('orphans.forgotten', 1)
	ON CONFLICT (`name`) DO UPDATE SET `value` = `value` + 1;
END;
