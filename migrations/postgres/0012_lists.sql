-- Gateways of the version before may go on.
CREATE INDEX "accounts_models" ON "accounts" USING btree ("id") WHERE "accounts"."models_json" IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_day_report" ON "alerts" USING btree ("subject") WHERE "alerts"."rule" = 'day_report';--> statement-breakpoint
CREATE INDEX "keys_models" ON "keys" USING btree ("id") WHERE "keys"."models_json" IS NOT NULL;