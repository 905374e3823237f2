CREATE TABLE `__new_orphans` (
	`id` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`upstream` text NOT NULL,
	`upstream_task_id` text NOT NULL,
	`request_id` text NOT NULL,
	`attempt_id` text,
	`task_id` text,
	`credits` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "orphans_reason" CHECK("__new_orphans"."reason" = 'extra_id' OR "__new_orphans"."reason" = 'repeated_id' OR "__new_orphans"."reason" = 'late_success' OR "__new_orphans"."reason" = 'late_accept' OR "__new_orphans"."reason" = 'unanswered')
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_orphans`("id", "reason", "upstream", "upstream_task_id", "request_id", "attempt_id", "task_id", "credits", "created_at") SELECT "id", "reason", "upstream", "upstream_task_id", "request_id", "attempt_id", "task_id", "credits", "created_at" FROM `orphans`;--> statement-breakpoint
DROP TABLE `orphans`;--> statement-breakpoint
ALTER TABLE `__new_orphans` RENAME TO `orphans`;--> statement-breakpoint
CREATE UNIQUE INDEX `orphans_once` ON `orphans` (`upstream`,`upstream_task_id`,`reason`,`request_id`);--> statement-breakpoint
CREATE TRIGGER `an_orphan_is_counted` AFTER INSERT ON `orphans`
BEGIN
	INSERT INTO `counters` (`name`, `value`) VALUES ('orphans.' || NEW.`reason`, 1)
	ON CONFLICT (`name`) DO UPDATE SET `value` = `value` + 1;
END;
