ALTER TABLE `requests` ADD `callback_form` text;--> statement-breakpoint
ALTER TABLE `webhook_deliveries` ADD `form` text;
