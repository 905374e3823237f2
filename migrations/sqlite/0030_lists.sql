CREATE INDEX `accounts_models` ON `accounts` (`id`) WHERE "accounts"."models_json" IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `alerts_day_report` ON `alerts` (`subject`) WHERE "alerts"."rule" = 'day_report';--> statement-breakpoint
CREATE INDEX `keys_models` ON `keys` (`id`) WHERE "keys"."models_json" IS NOT NULL;
