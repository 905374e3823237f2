-- Gateways of the version before may go on.
CREATE TABLE "reporting_terms" (
	"since" bigint PRIMARY KEY NOT NULL,
	"currency" text COLLATE "C",
	"credit_value" bigint
);
--> statement-breakpoint
CREATE TABLE "rollup_seals" (
	"span" text COLLATE "C" NOT NULL,
	"start" bigint NOT NULL,
	"stop" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollup_totals" (
	"span" text COLLATE "C" NOT NULL,
	"start" bigint NOT NULL,
	"dimension" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"leak" text COLLATE "C" NOT NULL,
	"works" bigint NOT NULL,
	"tasks" bigint NOT NULL,
	"succeeded" bigint NOT NULL,
	"failed" bigint NOT NULL,
	"charged" bigint NOT NULL,
	"refunded" bigint NOT NULL,
	"cost" bigint NOT NULL,
	"cost_unknown" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollups" (
	"quarter" bigint NOT NULL,
	"account_id" text COLLATE "C" NOT NULL,
	"model_id" text COLLATE "C" NOT NULL,
	"upstream" text COLLATE "C" NOT NULL,
	"key_id" text COLLATE "C" NOT NULL,
	"leak" text COLLATE "C" NOT NULL,
	"works" bigint NOT NULL,
	"tasks" bigint NOT NULL,
	"succeeded" bigint NOT NULL,
	"failed" bigint NOT NULL,
	"charged" bigint NOT NULL,
	"refunded" bigint NOT NULL,
	"cost" bigint NOT NULL,
	"cost_unknown" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollups_archived" (
	"quarter" bigint NOT NULL,
	"account_id" text COLLATE "C" NOT NULL,
	"model_id" text COLLATE "C" NOT NULL,
	"upstream" text COLLATE "C" NOT NULL,
	"key_id" text COLLATE "C" NOT NULL,
	"leak" text COLLATE "C" NOT NULL,
	"works" bigint NOT NULL,
	"tasks" bigint NOT NULL,
	"succeeded" bigint NOT NULL,
	"failed" bigint NOT NULL,
	"charged" bigint NOT NULL,
	"refunded" bigint NOT NULL,
	"cost" bigint NOT NULL,
	"cost_unknown" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "cost" bigint;--> statement-breakpoint
ALTER TABLE "orphans" ADD COLUMN "cost" bigint;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "cost" bigint;--> statement-breakpoint
CREATE UNIQUE INDEX "rollup_seals_once" ON "rollup_seals" USING btree ("span","start");--> statement-breakpoint
CREATE INDEX "rollup_seals_stop" ON "rollup_seals" USING btree ("stop");--> statement-breakpoint
CREATE UNIQUE INDEX "rollup_totals_once" ON "rollup_totals" USING btree ("span","dimension","start","name","leak");--> statement-breakpoint
CREATE UNIQUE INDEX "rollups_once" ON "rollups" USING btree ("quarter","account_id","model_id","upstream","key_id","leak");--> statement-breakpoint
CREATE INDEX "rollups_account" ON "rollups" USING btree ("account_id","quarter");--> statement-breakpoint
CREATE UNIQUE INDEX "rollups_archived_once" ON "rollups_archived" USING btree ("quarter","account_id","model_id","upstream","key_id","leak");
--> statement-breakpoint
-- By hand: what is there already is added up, and triggers go on with it.
-- Orders that were archived before: of their model, upstream and key nothing is left, and no cost of before is known.
INSERT INTO "rollups_archived" ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
SELECT g."quarter", g."account_id", g."model_id", g."upstream", g."key_id", g."leak", CAST(sum(g."works") AS bigint), CAST(sum(g."tasks") AS bigint), CAST(sum(g."succeeded") AS bigint), CAST(sum(g."failed") AS bigint), CAST(sum(g."charged") AS bigint), CAST(sum(g."refunded") AS bigint), CAST(sum(g."cost") AS bigint), CAST(sum(g."cost_unknown") AS bigint) FROM (
	SELECT e."created_at" / 900000 AS "quarter", e."account_id" AS "account_id", '' AS "model_id", '' AS "upstream", '' AS "key_id", '' AS "leak",
		CASE WHEN e."kind" = 'charge' AND b."id" IS NULL THEN 1 ELSE 0 END AS "works", CASE WHEN e."kind" = 'charge' THEN 1 ELSE 0 END AS "tasks",
		CASE WHEN e."kind" = 'charge' AND b."id" IS NULL THEN 1 ELSE 0 END AS "succeeded", CASE WHEN e."kind" = 'refund' THEN 1 ELSE 0 END AS "failed",
		CASE WHEN e."amount" < 0 THEN -e."amount" ELSE 0 END AS "charged", CASE WHEN e."amount" > 0 THEN e."amount" ELSE 0 END AS "refunded",
		0 AS "cost", CASE WHEN e."kind" = 'charge' AND b."id" IS NULL THEN 1 ELSE 0 END AS "cost_unknown"
	FROM "entries" e LEFT JOIN "entries" b ON b."task_id" = e."task_id" AND b."kind" = 'refund'
	WHERE e."task_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "tasks" t WHERE t."id" = e."task_id")
) g GROUP BY g."quarter", g."account_id", g."model_id", g."upstream", g."key_id", g."leak";
--> statement-breakpoint
INSERT INTO "rollups" ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
SELECT g."quarter", g."account_id", g."model_id", g."upstream", g."key_id", g."leak", CAST(sum(g."works") AS bigint), CAST(sum(g."tasks") AS bigint), CAST(sum(g."succeeded") AS bigint), CAST(sum(g."failed") AS bigint), CAST(sum(g."charged") AS bigint), CAST(sum(g."refunded") AS bigint), CAST(sum(g."cost") AS bigint), CAST(sum(g."cost_unknown") AS bigint) FROM (
	SELECT e."created_at" / 900000 AS "quarter", e."account_id" AS "account_id", t."model_id" AS "model_id", t."upstream" AS "upstream", r."key_id" AS "key_id", '' AS "leak",
		0 AS "works", CASE WHEN e."kind" = 'charge' THEN 1 ELSE 0 END AS "tasks", 0 AS "succeeded", CASE WHEN e."kind" = 'refund' THEN 1 ELSE 0 END AS "failed",
		CASE WHEN e."amount" < 0 THEN -e."amount" ELSE 0 END AS "charged", CASE WHEN e."amount" > 0 THEN e."amount" ELSE 0 END AS "refunded", 0 AS "cost", 0 AS "cost_unknown"
	FROM "entries" e JOIN "tasks" t ON t."id" = e."task_id" JOIN "requests" r ON r."id" = t."request_id"
	UNION ALL SELECT coalesce(t."finished_at", t."created_at") / 900000, t."account_id", t."model_id", t."upstream", r."key_id", '', 1, 0, 1, 0, 0, 0, 0, 1
	FROM "tasks" t JOIN "requests" r ON r."id" = t."request_id"
	WHERE t."state" = 'succeeded' AND coalesce(t."step", '') <> 'first_frame'
	UNION ALL SELECT CASE WHEN v."finished_at" > f."finished_at" THEN v."finished_at" ELSE f."finished_at" END / 900000, f."account_id", f."model_id", f."upstream", p."key_id",
		CASE v."state" WHEN 'succeeded' THEN '' ELSE 'first_frame' END, 1, 0, 0, 0, 0, 0, 0, 1
	FROM "requests" p JOIN "tasks" f ON f."request_id" = p."id"
	JOIN "tasks" v ON v."id" = (SELECT min(w."id") FROM "tasks" w WHERE w."request_id" = p."first_frame_of")
	WHERE p."first_frame_of" IS NOT NULL AND f."state" = 'succeeded' AND v."state" IN ('succeeded', 'failed')
	UNION ALL SELECT o."created_at" / 900000, r."account_id", r."model_id", o."upstream", r."key_id", o."reason", 1, 0, 0, 0, 0, 0, 0, 1
	FROM "orphans" o JOIN "requests" r ON r."id" = o."request_id" WHERE o."reason" <> 'repeated_id'
	UNION ALL SELECT "quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown" FROM "rollups_archived"
) g GROUP BY g."quarter", g."account_id", g."model_id", g."upstream", g."key_id", g."leak";
--> statement-breakpoint
CREATE FUNCTION "unseal_rollups"("at" bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM "rollup_seals" s WHERE s."stop" > "at" AND s."start" <= "at";
END $$;
--> statement-breakpoint
CREATE FUNCTION "an_entry_is_rolled_up"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "rollups" AS u ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
	SELECT n."created_at" / 900000, n."account_id", t."model_id", t."upstream", r."key_id", '', 0, count(*) FILTER (WHERE n."kind" = 'charge'), 0, count(*) FILTER (WHERE n."kind" = 'refund'), CAST(sum(greatest(0, -n."amount")) AS bigint), CAST(sum(greatest(0, n."amount")) AS bigint), 0, 0
	FROM "new_rows" n JOIN "tasks" t ON t."id" = coalesce(n."task_id", n."for_task_id") JOIN "requests" r ON r."id" = t."request_id"
	GROUP BY 1, 2, 3, 4, 5
	ON CONFLICT ("quarter", "account_id", "model_id", "upstream", "key_id", "leak") DO UPDATE SET "works" = u."works" + excluded."works", "tasks" = u."tasks" + excluded."tasks", "succeeded" = u."succeeded" + excluded."succeeded", "failed" = u."failed" + excluded."failed", "charged" = u."charged" + excluded."charged", "refunded" = u."refunded" + excluded."refunded", "cost" = u."cost" + excluded."cost", "cost_unknown" = u."cost_unknown" + excluded."cost_unknown";
	PERFORM "unseal_rollups"(t."at") FROM (SELECT DISTINCT n."created_at" / 900000 AS "at" FROM "new_rows" n) t;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "an_entry_is_rolled_up" AFTER INSERT ON "entries" REFERENCING NEW TABLE AS "new_rows"
FOR EACH STATEMENT EXECUTE FUNCTION "an_entry_is_rolled_up"();
--> statement-breakpoint
CREATE FUNCTION "an_entry_of_an_archived_task_is_rolled_up"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "rollups" AS u ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
	SELECT NEW."created_at" / 900000, NEW."account_id", '', '', '', '', 0, 0, 0, 0, greatest(0, -NEW."amount"), greatest(0, NEW."amount"), 0, 0
	WHERE NOT EXISTS (SELECT 1 FROM "tasks" t WHERE t."id" = NEW."for_task_id")
	ON CONFLICT ("quarter", "account_id", "model_id", "upstream", "key_id", "leak") DO UPDATE SET "works" = u."works" + excluded."works", "tasks" = u."tasks" + excluded."tasks", "succeeded" = u."succeeded" + excluded."succeeded", "failed" = u."failed" + excluded."failed", "charged" = u."charged" + excluded."charged", "refunded" = u."refunded" + excluded."refunded", "cost" = u."cost" + excluded."cost", "cost_unknown" = u."cost_unknown" + excluded."cost_unknown";
	INSERT INTO "rollups_archived" AS u ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
	SELECT NEW."created_at" / 900000, NEW."account_id", '', '', '', '', 0, 0, 0, 0, greatest(0, -NEW."amount"), greatest(0, NEW."amount"), 0, 0
	WHERE NOT EXISTS (SELECT 1 FROM "tasks" t WHERE t."id" = NEW."for_task_id")
	ON CONFLICT ("quarter", "account_id", "model_id", "upstream", "key_id", "leak") DO UPDATE SET "works" = u."works" + excluded."works", "tasks" = u."tasks" + excluded."tasks", "succeeded" = u."succeeded" + excluded."succeeded", "failed" = u."failed" + excluded."failed", "charged" = u."charged" + excluded."charged", "refunded" = u."refunded" + excluded."refunded", "cost" = u."cost" + excluded."cost", "cost_unknown" = u."cost_unknown" + excluded."cost_unknown";
	PERFORM "unseal_rollups"(NEW."created_at" / 900000);
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "an_entry_of_an_archived_task_is_rolled_up" AFTER INSERT ON "entries" FOR EACH ROW
WHEN (NEW."for_task_id" IS NOT NULL) EXECUTE FUNCTION "an_entry_of_an_archived_task_is_rolled_up"();
--> statement-breakpoint
CREATE FUNCTION "a_success_is_rolled_up"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "rollups" AS u ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
	SELECT coalesce(NEW."finished_at", NEW."created_at") / 900000, NEW."account_id", NEW."model_id", NEW."upstream", r."key_id", '', 1, 0, 1, 0, 0, 0, coalesce(NEW."cost", 0), CASE WHEN NEW."cost" IS NULL THEN 1 ELSE 0 END
	FROM "requests" r WHERE r."id" = NEW."request_id"
	ON CONFLICT ("quarter", "account_id", "model_id", "upstream", "key_id", "leak") DO UPDATE SET "works" = u."works" + excluded."works", "tasks" = u."tasks" + excluded."tasks", "succeeded" = u."succeeded" + excluded."succeeded", "failed" = u."failed" + excluded."failed", "charged" = u."charged" + excluded."charged", "refunded" = u."refunded" + excluded."refunded", "cost" = u."cost" + excluded."cost", "cost_unknown" = u."cost_unknown" + excluded."cost_unknown";
	PERFORM "unseal_rollups"(coalesce(NEW."finished_at", NEW."created_at") / 900000);
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "a_success_is_rolled_up" AFTER UPDATE OF "state" ON "tasks" FOR EACH ROW
WHEN (NEW."state" = 'succeeded' AND OLD."state" <> 'succeeded' AND NEW."step" IS DISTINCT FROM 'first_frame') EXECUTE FUNCTION "a_success_is_rolled_up"();
--> statement-breakpoint
CREATE FUNCTION "a_first_frame_is_rolled_up"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "rollups" AS u ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
	SELECT coalesce(NEW."finished_at", NEW."created_at") / 900000, f."account_id", f."model_id", f."upstream", p."key_id", CASE NEW."state" WHEN 'succeeded' THEN '' ELSE 'first_frame' END,
		1, 0, 0, 0, 0, 0, coalesce(f."cost", 0), CASE WHEN f."cost" IS NULL THEN 1 ELSE 0 END
	FROM "requests" p JOIN "tasks" f ON f."request_id" = p."id"
	WHERE p."first_frame_of" IS NOT NULL AND p."first_frame_of" = NEW."request_id" AND f."state" = 'succeeded'
		AND NEW."id" = (SELECT min(w."id") FROM "tasks" w WHERE w."request_id" = NEW."request_id")
	ON CONFLICT ("quarter", "account_id", "model_id", "upstream", "key_id", "leak") DO UPDATE SET "works" = u."works" + excluded."works", "tasks" = u."tasks" + excluded."tasks", "succeeded" = u."succeeded" + excluded."succeeded", "failed" = u."failed" + excluded."failed", "charged" = u."charged" + excluded."charged", "refunded" = u."refunded" + excluded."refunded", "cost" = u."cost" + excluded."cost", "cost_unknown" = u."cost_unknown" + excluded."cost_unknown";
	PERFORM "unseal_rollups"(coalesce(NEW."finished_at", NEW."created_at") / 900000);
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "a_first_frame_is_rolled_up" AFTER UPDATE OF "state" ON "tasks" FOR EACH ROW
WHEN (NEW."step" = 'video' AND NEW."state" IN ('succeeded', 'failed') AND OLD."state" NOT IN ('succeeded', 'failed')) EXECUTE FUNCTION "a_first_frame_is_rolled_up"();
--> statement-breakpoint
CREATE FUNCTION "a_late_first_frame_is_rolled_up"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "rollups" AS u ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
	SELECT coalesce(NEW."finished_at", NEW."created_at") / 900000, NEW."account_id", NEW."model_id", NEW."upstream", p."key_id", CASE v."state" WHEN 'succeeded' THEN '' ELSE 'first_frame' END,
		1, 0, 0, 0, 0, 0, coalesce(NEW."cost", 0), CASE WHEN NEW."cost" IS NULL THEN 1 ELSE 0 END
	FROM "requests" p JOIN "tasks" v ON v."id" = (SELECT min(w."id") FROM "tasks" w WHERE w."request_id" = p."first_frame_of")
	WHERE p."id" = NEW."request_id" AND v."state" IN ('succeeded', 'failed')
	ON CONFLICT ("quarter", "account_id", "model_id", "upstream", "key_id", "leak") DO UPDATE SET "works" = u."works" + excluded."works", "tasks" = u."tasks" + excluded."tasks", "succeeded" = u."succeeded" + excluded."succeeded", "failed" = u."failed" + excluded."failed", "charged" = u."charged" + excluded."charged", "refunded" = u."refunded" + excluded."refunded", "cost" = u."cost" + excluded."cost", "cost_unknown" = u."cost_unknown" + excluded."cost_unknown";
	PERFORM "unseal_rollups"(coalesce(NEW."finished_at", NEW."created_at") / 900000);
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "a_late_first_frame_is_rolled_up" AFTER UPDATE OF "state" ON "tasks" FOR EACH ROW
WHEN (NEW."step" = 'first_frame' AND NEW."state" = 'succeeded' AND OLD."state" <> 'succeeded') EXECUTE FUNCTION "a_late_first_frame_is_rolled_up"();
--> statement-breakpoint
CREATE FUNCTION "an_orphan_is_rolled_up"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "rollups" AS u ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
	SELECT NEW."created_at" / 900000, r."account_id", r."model_id", NEW."upstream", r."key_id", NEW."reason", 1, 0, 0, 0, 0, 0, coalesce(NEW."cost", 0), CASE WHEN NEW."cost" IS NULL THEN 1 ELSE 0 END
	FROM "requests" r WHERE r."id" = NEW."request_id"
	ON CONFLICT ("quarter", "account_id", "model_id", "upstream", "key_id", "leak") DO UPDATE SET "works" = u."works" + excluded."works", "tasks" = u."tasks" + excluded."tasks", "succeeded" = u."succeeded" + excluded."succeeded", "failed" = u."failed" + excluded."failed", "charged" = u."charged" + excluded."charged", "refunded" = u."refunded" + excluded."refunded", "cost" = u."cost" + excluded."cost", "cost_unknown" = u."cost_unknown" + excluded."cost_unknown";
	PERFORM "unseal_rollups"(NEW."created_at" / 900000);
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "an_orphan_is_rolled_up" AFTER INSERT ON "orphans" FOR EACH ROW WHEN (NEW."reason" <> 'repeated_id') EXECUTE FUNCTION "an_orphan_is_rolled_up"();
--> statement-breakpoint
CREATE FUNCTION "late_work_that_is_charged_is_rolled_up"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "rollups" AS u ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
	SELECT o."created_at" / 900000, r."account_id", r."model_id", o."upstream", r."key_id", o."reason", -1, 0, 0, 0, 0, 0, -coalesce(o."cost", 0), CASE WHEN o."cost" IS NULL THEN -1 ELSE 0 END
	FROM "orphans" o JOIN "requests" r ON r."id" = o."request_id" WHERE o."id" = NEW."orphan_id" AND o."reason" <> 'repeated_id'
	ON CONFLICT ("quarter", "account_id", "model_id", "upstream", "key_id", "leak") DO UPDATE SET "works" = u."works" + excluded."works", "tasks" = u."tasks" + excluded."tasks", "succeeded" = u."succeeded" + excluded."succeeded", "failed" = u."failed" + excluded."failed", "charged" = u."charged" + excluded."charged", "refunded" = u."refunded" + excluded."refunded", "cost" = u."cost" + excluded."cost", "cost_unknown" = u."cost_unknown" + excluded."cost_unknown";
	PERFORM "unseal_rollups"(o."created_at" / 900000) FROM "orphans" o WHERE o."id" = NEW."orphan_id";
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "late_work_that_is_charged_is_rolled_up" AFTER INSERT ON "orphan_decisions" FOR EACH ROW
WHEN (NEW."decision" = 'charge') EXECUTE FUNCTION "late_work_that_is_charged_is_rolled_up"();
--> statement-breakpoint
CREATE FUNCTION "a_frame_of_late_work_is_rolled_up"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW."id" <> (SELECT min(w."id") FROM "tasks" w WHERE w."request_id" = NEW."request_id") THEN RETURN NULL; END IF;
	INSERT INTO "rollups" AS u ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
	SELECT greatest(coalesce(OLD."finished_at", 0), f."finished_at") / 900000, f."account_id", f."model_id", f."upstream", p."key_id", 'first_frame', -1, 0, 0, 0, 0, 0, -coalesce(f."cost", 0), CASE WHEN f."cost" IS NULL THEN -1 ELSE 0 END
	FROM "requests" p JOIN "tasks" f ON f."request_id" = p."id"
	WHERE p."first_frame_of" IS NOT NULL AND p."first_frame_of" = NEW."request_id" AND f."state" = 'succeeded'
	ON CONFLICT ("quarter", "account_id", "model_id", "upstream", "key_id", "leak") DO UPDATE SET "works" = u."works" + excluded."works", "tasks" = u."tasks" + excluded."tasks", "succeeded" = u."succeeded" + excluded."succeeded", "failed" = u."failed" + excluded."failed", "charged" = u."charged" + excluded."charged", "refunded" = u."refunded" + excluded."refunded", "cost" = u."cost" + excluded."cost", "cost_unknown" = u."cost_unknown" + excluded."cost_unknown";
	INSERT INTO "rollups" AS u ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
	SELECT greatest(coalesce(NEW."finished_at", 0), f."finished_at") / 900000, f."account_id", f."model_id", f."upstream", p."key_id", '', 1, 0, 0, 0, 0, 0, coalesce(f."cost", 0), CASE WHEN f."cost" IS NULL THEN 1 ELSE 0 END
	FROM "requests" p JOIN "tasks" f ON f."request_id" = p."id"
	WHERE p."first_frame_of" IS NOT NULL AND p."first_frame_of" = NEW."request_id" AND f."state" = 'succeeded'
	ON CONFLICT ("quarter", "account_id", "model_id", "upstream", "key_id", "leak") DO UPDATE SET "works" = u."works" + excluded."works", "tasks" = u."tasks" + excluded."tasks", "succeeded" = u."succeeded" + excluded."succeeded", "failed" = u."failed" + excluded."failed", "charged" = u."charged" + excluded."charged", "refunded" = u."refunded" + excluded."refunded", "cost" = u."cost" + excluded."cost", "cost_unknown" = u."cost_unknown" + excluded."cost_unknown";
	PERFORM "unseal_rollups"(coalesce(OLD."finished_at", 0) / 900000);
	PERFORM "unseal_rollups"(coalesce(NEW."finished_at", 0) / 900000);
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "a_frame_of_late_work_is_rolled_up" AFTER UPDATE OF "state" ON "tasks" FOR EACH ROW
WHEN (NEW."step" = 'video' AND OLD."state" = 'failed' AND NEW."state" = 'succeeded') EXECUTE FUNCTION "a_frame_of_late_work_is_rolled_up"();
--> statement-breakpoint
CREATE FUNCTION "another_route_is_rolled_up"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "rollups" AS u ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
	SELECT e."created_at" / 900000, NEW."account_id", NEW."model_id", OLD."upstream", r."key_id", '', 0, -1, 0, 0, e."amount", 0, 0, 0
	FROM "requests" r JOIN "entries" e ON e."task_id" = NEW."id" AND e."kind" = 'charge' WHERE r."id" = NEW."request_id"
	ON CONFLICT ("quarter", "account_id", "model_id", "upstream", "key_id", "leak") DO UPDATE SET "works" = u."works" + excluded."works", "tasks" = u."tasks" + excluded."tasks", "succeeded" = u."succeeded" + excluded."succeeded", "failed" = u."failed" + excluded."failed", "charged" = u."charged" + excluded."charged", "refunded" = u."refunded" + excluded."refunded", "cost" = u."cost" + excluded."cost", "cost_unknown" = u."cost_unknown" + excluded."cost_unknown";
	INSERT INTO "rollups" AS u ("quarter", "account_id", "model_id", "upstream", "key_id", "leak", "works", "tasks", "succeeded", "failed", "charged", "refunded", "cost", "cost_unknown")
	SELECT e."created_at" / 900000, NEW."account_id", NEW."model_id", NEW."upstream", r."key_id", '', 0, 1, 0, 0, -e."amount", 0, 0, 0
	FROM "requests" r JOIN "entries" e ON e."task_id" = NEW."id" AND e."kind" = 'charge' WHERE r."id" = NEW."request_id"
	ON CONFLICT ("quarter", "account_id", "model_id", "upstream", "key_id", "leak") DO UPDATE SET "works" = u."works" + excluded."works", "tasks" = u."tasks" + excluded."tasks", "succeeded" = u."succeeded" + excluded."succeeded", "failed" = u."failed" + excluded."failed", "charged" = u."charged" + excluded."charged", "refunded" = u."refunded" + excluded."refunded", "cost" = u."cost" + excluded."cost", "cost_unknown" = u."cost_unknown" + excluded."cost_unknown";
	PERFORM "unseal_rollups"(e."created_at" / 900000) FROM "entries" e WHERE e."task_id" = NEW."id" AND e."kind" = 'charge';
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "another_route_is_rolled_up" AFTER UPDATE OF "upstream" ON "tasks" FOR EACH ROW
WHEN (NEW."upstream" <> OLD."upstream" AND NEW."step" IS DISTINCT FROM 'first_frame') EXECUTE FUNCTION "another_route_is_rolled_up"();
--> statement-breakpoint
CREATE FUNCTION "a_cost_stays"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION USING MESSAGE = 'the cost of a task is fixed when it is ordered',
		ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER "a_cost_stays" BEFORE UPDATE OF "cost" ON "tasks" FOR EACH ROW
WHEN (NEW."cost" IS DISTINCT FROM OLD."cost" AND OLD."state" <> 'queued') EXECUTE FUNCTION "a_cost_stays"();
--> statement-breakpoint
CREATE FUNCTION "a_cost_of_an_orphan_stays"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION USING MESSAGE = 'the cost of an orphan is fixed when its work was ordered',
		ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER "a_cost_of_an_orphan_stays" BEFORE UPDATE OF "cost" ON "orphans" FOR EACH ROW
WHEN (NEW."cost" IS DISTINCT FROM OLD."cost") EXECUTE FUNCTION "a_cost_of_an_orphan_stays"();
