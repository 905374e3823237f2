-- Gateways of the version before may go on.
CREATE TABLE "alert_messages" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"alert_id" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"receiver" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"due_at" bigint,
	"attempts_made" bigint NOT NULL,
	"last_error" text COLLATE "C",
	"created_at" bigint NOT NULL,
	CONSTRAINT "alert_messages_kind" CHECK ("alert_messages"."kind" = 'fired' OR "alert_messages"."kind" = 'recovered'),
	CONSTRAINT "alert_messages_state" CHECK ("alert_messages"."state" = 'pending' OR "alert_messages"."state" = 'sent' OR "alert_messages"."state" = 'failed' OR "alert_messages"."state" = 'held_back')
);
--> statement-breakpoint
CREATE TABLE "alerts" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"rule" text COLLATE "C" NOT NULL,
	"subject" text COLLATE "C" NOT NULL,
	"facts_json" text COLLATE "C" NOT NULL,
	"fired_at" bigint NOT NULL,
	"seen_at" bigint NOT NULL,
	"recovered_at" bigint
);
--> statement-breakpoint
CREATE TABLE "copies" (
	"id" bigint PRIMARY KEY NOT NULL,
	"made_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "alert_messages" ADD CONSTRAINT "alert_messages_alert_id_alerts_id_fk" FOREIGN KEY ("alert_id") REFERENCES "alerts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "alert_messages_once" ON "alert_messages" USING btree ("alert_id","kind","receiver");--> statement-breakpoint
CREATE INDEX "alert_messages_hour" ON "alert_messages" USING btree ("receiver","created_at");--> statement-breakpoint
CREATE INDEX "alert_messages_due" ON "alert_messages" USING btree ("due_at") WHERE "alert_messages"."due_at" IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_open" ON "alerts" USING btree ("rule","subject") WHERE "alerts"."recovered_at" IS NULL;