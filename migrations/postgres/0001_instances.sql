CREATE TABLE "instances" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"started_at" bigint NOT NULL,
	"beat_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "key_pauses" (
	"key" text COLLATE "C" PRIMARY KEY NOT NULL,
	"paused_until" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "request_counts" (
	"account_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"ends_at" bigint NOT NULL,
	"taken" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "holder" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "keeps" ADD COLUMN "holder" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD COLUMN "holder" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "request_counts" ADD CONSTRAINT "request_counts_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "keeps_held" ON "keeps" USING btree ("holder") WHERE "keeps"."holder" IS NOT NULL;--> statement-breakpoint
-- Which gateways may serve this schema: those that know the migration of this time, or a later one.
CREATE TABLE "schema_readers" (
	"oldest" bigint NOT NULL
);
--> statement-breakpoint
INSERT INTO "schema_readers" ("oldest") VALUES (0);
