-- Gateways of the version before may go on.
CREATE TABLE "code_batches" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"note" text COLLATE "C",
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "code_tries" (
	"who" text COLLATE "C" PRIMARY KEY NOT NULL,
	"ends_at" bigint NOT NULL,
	"tries" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "codes" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"batch_id" text COLLATE "C" NOT NULL,
	"hash" text COLLATE "C" NOT NULL,
	"prefix" text COLLATE "C" NOT NULL,
	"credits" bigint NOT NULL,
	"expires_at" bigint,
	"voided_at" bigint,
	"redeemed_by" text COLLATE "C",
	"redeemed_at" bigint,
	"created_at" bigint NOT NULL,
	CONSTRAINT "codes_credits" CHECK ("codes"."credits" > 0 AND "codes"."credits" <= 1000000000000000),
	CONSTRAINT "codes_redeemed" CHECK (("codes"."redeemed_by" IS NULL) = ("codes"."redeemed_at" IS NULL)),
	CONSTRAINT "codes_once" CHECK ("codes"."redeemed_by" IS NULL OR "codes"."voided_at" IS NULL)
);
--> statement-breakpoint
CREATE TABLE "grant_keys" (
	"key" text COLLATE "C" PRIMARY KEY NOT NULL,
	"account_id" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "orphan_decisions" (
	"orphan_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"decision" text COLLATE "C" NOT NULL,
	"reason" text COLLATE "C" NOT NULL,
	"credits" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "orphan_decisions_decision" CHECK ("orphan_decisions"."decision" = 'keep_refund' OR "orphan_decisions"."decision" = 'charge' OR "orphan_decisions"."decision" = 'write_off')
);
--> statement-breakpoint
CREATE TABLE "unknown_submits" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"request_id" text COLLATE "C" NOT NULL,
	"task_id" text COLLATE "C" NOT NULL,
	"account_id" text COLLATE "C" NOT NULL,
	"upstream" text COLLATE "C" NOT NULL,
	"credits" bigint NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "entries" DROP CONSTRAINT "entries_kind";--> statement-breakpoint
ALTER TABLE "entries" DROP CONSTRAINT "entries_sign";--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ALTER COLUMN "task_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "owed" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "low_balance" bigint;--> statement-breakpoint
ALTER TABLE "entries" ADD COLUMN "owed_change" bigint;--> statement-breakpoint
ALTER TABLE "entries" ADD COLUMN "owed_after" bigint;--> statement-breakpoint
ALTER TABLE "entries" ADD COLUMN "for_task_id" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "entries" ADD COLUMN "paid_amount" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "entries" ADD COLUMN "paid_currency" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "credits_returned" bigint;--> statement-breakpoint
ALTER TABLE "codes" ADD CONSTRAINT "codes_batch_id_code_batches_id_fk" FOREIGN KEY ("batch_id") REFERENCES "code_batches"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "codes" ADD CONSTRAINT "codes_redeemed_by_accounts_id_fk" FOREIGN KEY ("redeemed_by") REFERENCES "accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grant_keys" ADD CONSTRAINT "grant_keys_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unknown_submits" ADD CONSTRAINT "unknown_submits_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "code_tries_age" ON "code_tries" USING btree ("ends_at");--> statement-breakpoint
CREATE UNIQUE INDEX "codes_hash" ON "codes" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "codes_batch" ON "codes" USING btree ("batch_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "unknown_submits_once" ON "unknown_submits" USING btree ("request_id","task_id");--> statement-breakpoint
CREATE INDEX "entries_for_task" ON "entries" USING btree ("for_task_id") WHERE "entries"."for_task_id" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_owed" CHECK ("accounts"."owed" >= 0 AND "accounts"."owed" <= 1000000000000000);--> statement-breakpoint
ALTER TABLE "entries" ADD CONSTRAINT "entries_owed" CHECK (("entries"."owed_change" IS NULL) = ("entries"."owed_after" IS NULL) AND CASE "entries"."kind" WHEN 'repayment' THEN "entries"."owed_change" IS NOT NULL AND "entries"."owed_change" = "entries"."amount" WHEN 'adjust' THEN "entries"."owed_change" IS NULL OR ("entries"."owed_change" > 0 AND "entries"."amount" <= 0 AND "entries"."balance_after" = 0) ELSE "entries"."owed_change" IS NULL END) NOT VALID;--> statement-breakpoint
ALTER TABLE "entries" ADD CONSTRAINT "entries_for_task" CHECK (("entries"."for_task_id" IS NOT NULL) = ("entries"."kind" = 'manual_refund' OR "entries"."kind" = 'recharge')) NOT VALID;--> statement-breakpoint
ALTER TABLE "entries" ADD CONSTRAINT "entries_kind" CHECK ("entries"."kind" = 'grant' OR "entries"."kind" = 'charge' OR "entries"."kind" = 'refund' OR "entries"."kind" = 'adjust' OR "entries"."kind" = 'manual_refund' OR "entries"."kind" = 'recharge' OR "entries"."kind" = 'repayment') NOT VALID;--> statement-breakpoint
ALTER TABLE "entries" ADD CONSTRAINT "entries_sign" CHECK (CASE "entries"."kind" WHEN 'charge' THEN "entries"."amount" <= 0 WHEN 'refund' THEN "entries"."amount" >= 0 WHEN 'grant' THEN "entries"."amount" > 0 WHEN 'manual_refund' THEN "entries"."amount" > 0 WHEN 'recharge' THEN "entries"."amount" <= 0 WHEN 'repayment' THEN "entries"."amount" < 0 ELSE "entries"."amount" <> 0 OR coalesce("entries"."owed_change", 0) > 0 END) NOT VALID;
--> statement-breakpoint
-- Written by hand from here on.
INSERT INTO "grant_keys" ("key", "account_id")
SELECT "idempotency_key", "account_id" FROM "entries" WHERE "idempotency_key" IS NOT NULL ORDER BY "id"
ON CONFLICT DO NOTHING;
--> statement-breakpoint
CREATE FUNCTION "what_is_owed_follows_entries"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE "accounts" SET "owed" = NEW."owed_after"
	WHERE "id" = NEW."account_id" AND "owed" + NEW."owed_change" = NEW."owed_after";
	IF NOT FOUND THEN
		RAISE EXCEPTION USING MESSAGE = 'an entry must say what the account owes after it',
			ERRCODE = 'integrity_constraint_violation';
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "what_is_owed_follows_entries" AFTER INSERT ON "entries" FOR EACH ROW WHEN (NEW."owed_change" IS NOT NULL)
EXECUTE FUNCTION "what_is_owed_follows_entries"();
--> statement-breakpoint
CREATE FUNCTION "corrections_match_their_task"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (
		SELECT 1 FROM "entries" c WHERE c."task_id" = NEW."for_task_id" AND c."kind" = 'charge' AND c."account_id" = NEW."account_id"
			AND -NEW."amount" - (SELECT sum("amount") FROM "entries" WHERE "task_id" = NEW."for_task_id")
				- (SELECT coalesce(sum("amount"), 0) FROM "entries" WHERE "for_task_id" = NEW."for_task_id") BETWEEN 0 AND -c."amount"
	) OR EXISTS (
		SELECT 1 FROM "tasks" WHERE "id" = NEW."for_task_id" AND "state" NOT IN ('succeeded', 'failed')
	) OR (NEW."kind" = 'recharge' AND NOT EXISTS (
		SELECT 1 FROM "tasks" WHERE "id" = NEW."for_task_id" AND "state" = 'failed' AND "credits" = -NEW."amount"
	)) THEN
		RAISE EXCEPTION USING MESSAGE = 'a correction is of a task that has ended, of its account, and within its price',
			ERRCODE = 'integrity_constraint_violation';
	END IF;
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "corrections_match_their_task" BEFORE INSERT ON "entries" FOR EACH ROW WHEN (NEW."for_task_id" IS NOT NULL)
EXECUTE FUNCTION "corrections_match_their_task"();
--> statement-breakpoint
CREATE FUNCTION "ended_tasks_stay_ended"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW."state" <> 'succeeded' OR NOT EXISTS (
		SELECT 1 FROM "entries" WHERE "for_task_id" = NEW."id" AND "kind" = 'recharge'
	) THEN
		RAISE EXCEPTION USING MESSAGE = 'a task that has ended never changes its state, unless its late result is charged again',
			ERRCODE = 'integrity_constraint_violation';
	END IF;
	RETURN NEW;
END $$;
--> statement-breakpoint
DROP TRIGGER "ended_tasks_stay_ended" ON "tasks";
--> statement-breakpoint
CREATE TRIGGER "ended_tasks_stay_ended" BEFORE UPDATE OF "state" ON "tasks" FOR EACH ROW
WHEN (OLD."state" IN ('succeeded', 'failed') AND NEW."state" <> OLD."state")
EXECUTE FUNCTION "ended_tasks_stay_ended"();
--> statement-breakpoint
CREATE TRIGGER "what_was_returned_only_grows" BEFORE UPDATE OF "credits_returned" ON "tasks" FOR EACH ROW
WHEN (NEW."state" <> 'succeeded' OR coalesce(NEW."credits_returned", 0) NOT BETWEEN coalesce(OLD."credits_returned", 0) AND NEW."credits")
EXECUTE FUNCTION "refuse"('a task that succeeded is given back up to its price, and that is never taken back');
--> statement-breakpoint
CREATE TRIGGER "grant_keys_are_never_changed" BEFORE UPDATE ON "grant_keys" FOR EACH ROW
EXECUTE FUNCTION "refuse"('the key of a grant stands for it for ever');
--> statement-breakpoint
CREATE TRIGGER "grant_keys_are_never_deleted" BEFORE DELETE ON "grant_keys" FOR EACH ROW
EXECUTE FUNCTION "refuse"('the key of a grant stands for it for ever');
--> statement-breakpoint
CREATE TRIGGER "codes_are_spent_once" BEFORE UPDATE ON "codes" FOR EACH ROW
WHEN (OLD."redeemed_by" IS NOT NULL OR OLD."voided_at" IS NOT NULL
	OR NEW."hash" <> OLD."hash" OR NEW."credits" <> OLD."credits" OR NEW."expires_at" IS DISTINCT FROM OLD."expires_at")
EXECUTE FUNCTION "refuse"('a code is redeemed or voided once, for what it was made for');
--> statement-breakpoint
CREATE TRIGGER "codes_are_never_deleted" BEFORE DELETE ON "codes" FOR EACH ROW
EXECUTE FUNCTION "refuse"('a code is voided, never deleted');
--> statement-breakpoint
CREATE TRIGGER "orphan_decisions_are_never_changed" BEFORE UPDATE ON "orphan_decisions" FOR EACH ROW
EXECUTE FUNCTION "refuse"('an orphan is decided once');
--> statement-breakpoint
CREATE TRIGGER "orphan_decisions_are_never_deleted" BEFORE DELETE ON "orphan_decisions" FOR EACH ROW
EXECUTE FUNCTION "refuse"('an orphan is decided once');
--> statement-breakpoint
CREATE TRIGGER "codes_are_never_truncated" BEFORE TRUNCATE ON "codes" FOR EACH STATEMENT
EXECUTE FUNCTION "refuse"('a code is voided, never deleted');
--> statement-breakpoint
CREATE TRIGGER "grant_keys_are_never_truncated" BEFORE TRUNCATE ON "grant_keys" FOR EACH STATEMENT
EXECUTE FUNCTION "refuse"('the key of a grant stands for it for ever');
--> statement-breakpoint
CREATE TRIGGER "orphan_decisions_are_never_truncated" BEFORE TRUNCATE ON "orphan_decisions" FOR EACH STATEMENT
EXECUTE FUNCTION "refuse"('an orphan is decided once');
