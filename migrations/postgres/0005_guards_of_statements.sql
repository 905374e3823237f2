-- Gateways of the version before may go on.
-- Guards and counts run once for each statement, over its rows: orders that come together count once.
CREATE OR REPLACE FUNCTION "count_rows"("counted" text, "more" bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "counters" AS c ("name", "value") VALUES ("counted", "more")
	ON CONFLICT ("name") DO UPDATE SET "value" = least(9000000000000000000, greatest(-9000000000000000000, c."value" + "more"));
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "enter_queue"("into_upstream" text, "of_account" text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "queues" AS q ("upstream", "virtual_time", "waiting") VALUES ("into_upstream", 1, 1)
	ON CONFLICT ("upstream") DO UPDATE SET "waiting" = q."waiting" + 1;
	INSERT INTO "queue_flows" AS f ("upstream", "account_id", "waiting", "finish_tag")
	VALUES ("into_upstream", "of_account", 1, 0)
	ON CONFLICT ("upstream", "account_id") DO UPDATE SET "waiting" = f."waiting" + 1;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "place_flow"("in_upstream" text, "of_account" text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE "queue_flows" f SET ("start_tag", "since") = (
		SELECT coalesce(r."start_tag", greatest(f."finish_tag", q."virtual_time" - 1)), r."created_at"
		FROM "requests" r, "queues" q
		WHERE r."upstream" = "in_upstream" AND r."account_id" = "of_account" AND r."state" = 'queued' AND r."not_before" IS NULL
			AND q."upstream" = "in_upstream"
		ORDER BY r."id" LIMIT 1
	)
	WHERE f."upstream" = "in_upstream" AND f."account_id" = "of_account";
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "bring_lane_forward"("of_account" text, "to_receiver" text, "at" bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "webhook_lanes" AS l ("account_id", "receiver", "due_at", "turn", "quick", "paused_until", "used_at")
	VALUES ("of_account", "to_receiver", "at", 0, false, 0, "at")
	ON CONFLICT ("account_id", "receiver") DO UPDATE SET "due_at" = greatest(excluded."due_at", l."paused_until")
	WHERE l."due_at" IS NULL OR l."due_at" > greatest(excluded."due_at", l."paused_until");
	INSERT INTO "webhook_queues" AS q ("account_id", "due_at", "turn") VALUES ("of_account", "at", 0)
	ON CONFLICT ("account_id") DO UPDATE SET "due_at" = excluded."due_at"
	WHERE q."due_at" IS NULL OR q."due_at" > excluded."due_at";
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "queue_is_entered"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "queues" AS q ("upstream", "virtual_time", "waiting")
	SELECT n."upstream", 1, count(*) FROM "new_rows" n WHERE n."state" = 'queued' GROUP BY n."upstream"
	ON CONFLICT ("upstream") DO UPDATE SET "waiting" = q."waiting" + excluded."waiting";
	INSERT INTO "queue_flows" AS f ("upstream", "account_id", "waiting", "finish_tag", "start_tag", "since")
	SELECT n."upstream", n."account_id", count(*), 0,
		CASE WHEN bool_or(n."not_before" IS NULL)
			THEN greatest(0, (SELECT q."virtual_time" - 1 FROM "queues" q WHERE q."upstream" = n."upstream")) END,
		(array_agg(n."created_at" ORDER BY n."id") FILTER (WHERE n."not_before" IS NULL))[1]
	FROM "new_rows" n WHERE n."state" = 'queued' GROUP BY n."upstream", n."account_id"
	ON CONFLICT ("upstream", "account_id") DO UPDATE SET "waiting" = f."waiting" + excluded."waiting",
		"start_tag" = CASE WHEN f."start_tag" IS NULL AND excluded."start_tag" IS NOT NULL
			THEN greatest(f."finish_tag", excluded."start_tag") ELSE f."start_tag" END,
		"since" = CASE WHEN f."start_tag" IS NULL AND excluded."start_tag" IS NOT NULL
			THEN excluded."since" ELSE f."since" END;
	RETURN NULL;
END $$;
--> statement-breakpoint
DROP TRIGGER "queue_is_entered" ON "requests";
--> statement-breakpoint
CREATE TRIGGER "queue_is_entered" AFTER INSERT ON "requests" REFERENCING NEW TABLE AS "new_rows"
FOR EACH STATEMENT EXECUTE FUNCTION "queue_is_entered"();
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "queue_is_left"() RETURNS trigger LANGUAGE plpgsql SET "enable_hashjoin" TO 'on' AS $$
DECLARE
	"gone" record;
BEGIN
	IF NOT EXISTS (SELECT 1 FROM "old_rows" o WHERE o."state" = 'queued') THEN
		RETURN NULL;
	END IF;
	FOR "gone" IN
		SELECT o."upstream", o."account_id", count(*) AS "orders", max(n."start_tag") AS "last_tag",
			max(n."start_tag") FILTER (WHERE o."start_tag" IS NULL) AS "new_tag"
		FROM "old_rows" o JOIN "new_rows" n ON n."id" = o."id"
		WHERE o."state" = 'queued' AND (n."state" <> 'queued' OR n."upstream" <> o."upstream")
		GROUP BY o."upstream", o."account_id" ORDER BY "last_tag" NULLS FIRST
	LOOP
		UPDATE "queues" q
		SET "waiting" = q."waiting" - "gone"."orders", "virtual_time" = greatest(q."virtual_time", "gone"."last_tag")
		WHERE q."upstream" = "gone"."upstream";
		UPDATE "queue_flows" f
		SET "waiting" = f."waiting" - "gone"."orders", "finish_tag" = greatest(f."finish_tag", "gone"."new_tag" + f."stride"),
			("start_tag", "since") = (
				SELECT coalesce(r."start_tag", greatest(f."finish_tag", "gone"."new_tag" + f."stride", q."virtual_time" - 1)), r."created_at"
				FROM "requests" r, "queues" q
				WHERE r."upstream" = "gone"."upstream" AND r."account_id" = "gone"."account_id"
					AND r."state" = 'queued' AND r."not_before" IS NULL AND q."upstream" = "gone"."upstream"
				ORDER BY r."id" LIMIT 1
			)
		WHERE f."upstream" = "gone"."upstream" AND f."account_id" = "gone"."account_id";
	END LOOP;
	RETURN NULL;
END $$;
--> statement-breakpoint
DROP TRIGGER "queue_is_left" ON "requests";
--> statement-breakpoint
CREATE TRIGGER "queue_is_left" AFTER UPDATE ON "requests" REFERENCING OLD TABLE AS "old_rows" NEW TABLE AS "new_rows"
FOR EACH STATEMENT EXECUTE FUNCTION "queue_is_left"();
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "charges_match_their_task"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (
		SELECT 1 FROM "new_rows" n WHERE n."kind" = 'charge' AND (
			SELECT t."account_id" = n."account_id" AND t."credits" = -n."amount" FROM "tasks" t WHERE t."id" = n."task_id"
		) IS NOT TRUE
	) THEN
		RAISE EXCEPTION USING MESSAGE = 'a charge must be of its task''s account and by its task''s credits',
			ERRCODE = 'integrity_constraint_violation';
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
DROP TRIGGER "charges_match_their_task" ON "entries";
--> statement-breakpoint
CREATE TRIGGER "charges_match_their_task" AFTER INSERT ON "entries" REFERENCING NEW TABLE AS "new_rows"
FOR EACH STATEMENT EXECUTE FUNCTION "charges_match_their_task"();
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "refunds_match_their_charge"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (
		SELECT 1 FROM "new_rows" n WHERE n."kind" = 'refund' AND ((
			SELECT e."account_id" = n."account_id" AND e."amount" = -n."amount" FROM "entries" e
			WHERE e."task_id" = n."task_id" AND e."kind" = 'charge'
		) IS NOT TRUE OR (SELECT t."id" FROM "tasks" t WHERE t."id" = n."task_id") IS NULL)
	) THEN
		RAISE EXCEPTION USING MESSAGE = 'a refund must give back exactly what its task was charged',
			ERRCODE = 'integrity_constraint_violation';
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
DROP TRIGGER "refunds_match_their_charge" ON "entries";
--> statement-breakpoint
CREATE TRIGGER "refunds_match_their_charge" AFTER INSERT ON "entries" REFERENCING NEW TABLE AS "new_rows"
FOR EACH STATEMENT EXECUTE FUNCTION "refunds_match_their_charge"();
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "an_entry_is_counted"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM "count_rows"('entries.' || n."kind", CAST(sum(n."amount") AS bigint)) FROM "new_rows" n GROUP BY n."kind";
	RETURN NULL;
END $$;
--> statement-breakpoint
DROP TRIGGER "an_entry_is_counted" ON "entries";
--> statement-breakpoint
CREATE TRIGGER "an_entry_is_counted" AFTER INSERT ON "entries" REFERENCING NEW TABLE AS "new_rows"
FOR EACH STATEMENT EXECUTE FUNCTION "an_entry_is_counted"();
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "a_first_frame_is_not_charged"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (
		SELECT 1 FROM "new_rows" n WHERE n."task_id" IS NOT NULL
			AND (SELECT t."step" FROM "tasks" t WHERE t."id" = n."task_id") = 'first_frame'
	) THEN
		RAISE EXCEPTION USING MESSAGE = 'a first frame is charged with the order that it is made for',
			ERRCODE = 'integrity_constraint_violation';
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
DROP TRIGGER "a_first_frame_is_not_charged" ON "entries";
--> statement-breakpoint
CREATE TRIGGER "a_first_frame_is_not_charged" AFTER INSERT ON "entries" REFERENCING NEW TABLE AS "new_rows"
FOR EACH STATEMENT EXECUTE FUNCTION "a_first_frame_is_not_charged"();
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "a_task_is_counted"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM "count_rows"('tasks.' || n."state", count(*)) FROM "new_rows" n
	WHERE n."step" IS DISTINCT FROM 'first_frame' GROUP BY n."state";
	RETURN NULL;
END $$;
--> statement-breakpoint
DROP TRIGGER "a_task_is_counted" ON "tasks";
--> statement-breakpoint
CREATE TRIGGER "a_task_is_counted" AFTER INSERT ON "tasks" REFERENCING NEW TABLE AS "new_rows"
FOR EACH STATEMENT EXECUTE FUNCTION "a_task_is_counted"();
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "a_task_is_counted_where_it_is"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	"moved" record;
BEGIN
	FOR "moved" IN
		SELECT 'tasks.' || r."state" AS "name", CAST(sum(r."one") AS bigint) AS "more" FROM (
			SELECT o."state", o."step", -1 AS "one" FROM "old_rows" o
			UNION ALL SELECT n."state", n."step", 1 FROM "new_rows" n
		) r WHERE r."step" IS DISTINCT FROM 'first_frame' GROUP BY r."state" HAVING sum(r."one") <> 0
	LOOP
		IF "moved"."more" > 0 THEN
			PERFORM "count_rows"("moved"."name", "moved"."more");
		ELSE
			UPDATE "counters" c SET "value" = c."value" + "moved"."more" WHERE c."name" = "moved"."name";
		END IF;
	END LOOP;
	RETURN NULL;
END $$;
--> statement-breakpoint
DROP TRIGGER "a_task_is_counted_where_it_is" ON "tasks";
--> statement-breakpoint
CREATE TRIGGER "a_task_is_counted_where_it_is" AFTER UPDATE ON "tasks" REFERENCING OLD TABLE AS "old_rows" NEW TABLE AS "new_rows"
FOR EACH STATEMENT EXECUTE FUNCTION "a_task_is_counted_where_it_is"();
