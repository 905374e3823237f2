-- Gateways of the version before may go on.
CREATE TABLE "erasures" (
	"account_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"begun_at" bigint NOT NULL,
	"stage" bigint NOT NULL,
	"after" text COLLATE "C" NOT NULL,
	"finished_at" bigint
);
--> statement-breakpoint
CREATE TABLE "held_texts" (
	"request_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"due_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "text_removals" (
	"id" bigint PRIMARY KEY NOT NULL,
	"after" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "erased_at" bigint;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "text_removed_at" bigint;--> statement-breakpoint
CREATE INDEX "erasures_begun" ON "erasures" USING btree ("begun_at","account_id");--> statement-breakpoint
CREATE INDEX "erasures_open" ON "erasures" USING btree ("begun_at") WHERE "erasures"."finished_at" IS NULL;--> statement-breakpoint
CREATE INDEX "held_texts_due" ON "held_texts" USING btree ("due_at");
--> statement-breakpoint
-- Written by hand from here on: of an erased account the texts may go, and nothing else.
DROP TRIGGER "entries_are_never_changed" ON "entries";
--> statement-breakpoint
CREATE FUNCTION "entries_are_never_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT (NEW."note" IS NULL AND NEW."public_note" IS NULL
		AND NEW."id" IS NOT DISTINCT FROM OLD."id" AND NEW."account_id" IS NOT DISTINCT FROM OLD."account_id" AND NEW."kind" IS NOT DISTINCT FROM OLD."kind" AND NEW."amount" IS NOT DISTINCT FROM OLD."amount" AND NEW."balance_after" IS NOT DISTINCT FROM OLD."balance_after" AND NEW."task_id" IS NOT DISTINCT FROM OLD."task_id" AND NEW."idempotency_key" IS NOT DISTINCT FROM OLD."idempotency_key" AND NEW."owed_change" IS NOT DISTINCT FROM OLD."owed_change" AND NEW."owed_after" IS NOT DISTINCT FROM OLD."owed_after" AND NEW."for_task_id" IS NOT DISTINCT FROM OLD."for_task_id" AND NEW."paid_amount" IS NOT DISTINCT FROM OLD."paid_amount" AND NEW."paid_currency" IS NOT DISTINCT FROM OLD."paid_currency" AND NEW."created_at" IS NOT DISTINCT FROM OLD."created_at"
		AND EXISTS (SELECT 1 FROM "erasures" e WHERE e."account_id" = OLD."account_id")) THEN
		RAISE EXCEPTION USING MESSAGE = 'the ledger is append-only: an entry is never changed', ERRCODE = 'integrity_constraint_violation';
	END IF;
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "entries_are_never_changed" BEFORE UPDATE ON "entries" FOR EACH ROW EXECUTE FUNCTION "entries_are_never_changed"();
--> statement-breakpoint
DROP TRIGGER "acts_are_never_changed" ON "acts";
--> statement-breakpoint
CREATE FUNCTION "acts_are_never_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT (NEW."id" IS NOT DISTINCT FROM OLD."id" AND NEW."created_at" IS NOT DISTINCT FROM OLD."created_at" AND NEW."actor" IS NOT DISTINCT FROM OLD."actor" AND NEW."origin" IS NOT DISTINCT FROM OLD."origin" AND NEW."action" IS NOT DISTINCT FROM OLD."action" AND NEW."target" IS NOT DISTINCT FROM OLD."target"
		AND EXISTS (SELECT 1 FROM "erasures" e WHERE e."finished_at" IS NULL)) THEN
		RAISE EXCEPTION USING MESSAGE = 'acts are append-only: what an operator did is never changed', ERRCODE = 'integrity_constraint_violation';
	END IF;
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "acts_are_never_changed" BEFORE UPDATE ON "acts" FOR EACH ROW EXECUTE FUNCTION "acts_are_never_changed"();
--> statement-breakpoint
DROP TRIGGER "orphan_decisions_are_never_changed" ON "orphan_decisions";
--> statement-breakpoint
CREATE FUNCTION "orphan_decisions_are_never_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT (NEW."reason" = 'removed' AND NEW."orphan_id" IS NOT DISTINCT FROM OLD."orphan_id" AND NEW."decision" IS NOT DISTINCT FROM OLD."decision" AND NEW."credits" IS NOT DISTINCT FROM OLD."credits" AND NEW."created_at" IS NOT DISTINCT FROM OLD."created_at"
		AND EXISTS (SELECT 1 FROM "erasures" e WHERE e."finished_at" IS NULL)) THEN
		RAISE EXCEPTION USING MESSAGE = 'an orphan is decided once', ERRCODE = 'integrity_constraint_violation';
	END IF;
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "orphan_decisions_are_never_changed" BEFORE UPDATE ON "orphan_decisions" FOR EACH ROW EXECUTE FUNCTION "orphan_decisions_are_never_changed"();
--> statement-breakpoint
CREATE TRIGGER "erased_accounts_stay_erased" BEFORE UPDATE OF "erased_at", "status", "name" ON "accounts" FOR EACH ROW
WHEN (OLD."erased_at" IS NOT NULL
	AND (NEW."erased_at" IS DISTINCT FROM OLD."erased_at" OR NEW."status" <> OLD."status" OR NEW."name" <> OLD."name"))
EXECUTE FUNCTION "refuse"('an account that was erased stays erased');
--> statement-breakpoint
CREATE TRIGGER "erasures_are_never_deleted" BEFORE DELETE ON "erasures" FOR EACH ROW
EXECUTE FUNCTION "refuse"('what was erased is remembered for ever');
--> statement-breakpoint
CREATE TRIGGER "erasures_are_never_truncated" BEFORE TRUNCATE ON "erasures" FOR EACH STATEMENT
EXECUTE FUNCTION "refuse"('what was erased is remembered for ever');
--> statement-breakpoint
CREATE FUNCTION "texts_stay_while_they_are_needed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF OLD."text_removed_at" IS NOT NULL OR NEW."state" NOT IN ('accepted', 'failed')
		OR EXISTS (SELECT 1 FROM "tasks" t WHERE t."request_id" = NEW."id" AND t."finished_at" IS NULL) THEN
		RAISE EXCEPTION USING MESSAGE = 'the texts of a request are removed once, when all of it has ended', ERRCODE = 'integrity_constraint_violation';
	END IF;
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "texts_stay_while_they_are_needed" BEFORE UPDATE OF "text_removed_at" ON "requests" FOR EACH ROW
WHEN (NEW."text_removed_at" IS DISTINCT FROM OLD."text_removed_at")
EXECUTE FUNCTION "texts_stay_while_they_are_needed"();
