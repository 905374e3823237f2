-- Gateways of the version before may go on.
CREATE TABLE "polls" (
	"task_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"due_at" bigint NOT NULL,
	"polls_made" bigint NOT NULL,
	"missing_in_row" bigint NOT NULL,
	"last_looks" bigint NOT NULL
);
--> statement-breakpoint
INSERT INTO "polls" ("task_id", "due_at", "polls_made", "missing_in_row", "last_looks")
SELECT "id", "due_at", "polls_made", "missing_in_row", "last_looks" FROM "tasks"
WHERE "due_at" IS NOT NULL AND "state" = 'running';
--> statement-breakpoint
UPDATE "tasks" SET "due_at" = NULL WHERE "due_at" IS NOT NULL AND "state" = 'running';
--> statement-breakpoint
CREATE INDEX "polls_due" ON "polls" USING btree ("due_at");
--> statement-breakpoint
CREATE FUNCTION "polls_end_with_their_task"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM "polls" WHERE "task_id" = NEW."id";
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "polls_end_with_their_task" AFTER UPDATE OF "state" ON "tasks" FOR EACH ROW
WHEN (OLD."state" = 'running' AND NEW."state" <> 'running')
EXECUTE FUNCTION "polls_end_with_their_task"();
--> statement-breakpoint
-- What gateways of the version before write into the task while they are replaced.
CREATE FUNCTION "due_times_move_to_polls"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "polls" AS p ("task_id", "due_at", "polls_made", "missing_in_row", "last_looks")
	VALUES (NEW."id", NEW."due_at", NEW."polls_made", NEW."missing_in_row", NEW."last_looks")
	ON CONFLICT ("task_id") DO UPDATE SET "due_at" = excluded."due_at";
	NEW."due_at" := NULL;
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "due_times_move_to_polls" BEFORE UPDATE OF "due_at" ON "tasks" FOR EACH ROW
WHEN (NEW."due_at" IS NOT NULL AND NEW."state" = 'running')
EXECUTE FUNCTION "due_times_move_to_polls"();
