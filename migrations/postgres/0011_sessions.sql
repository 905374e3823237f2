-- Gateways of the version before may go on.
CREATE TABLE "console_access" (
	"account_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"key_id" text COLLATE "C",
	"password_hash" text COLLATE "C",
	"password_set_at" bigint
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"account_id" text COLLATE "C",
	"key_id" text COLLATE "C",
	"operator" text COLLATE "C",
	"operator_proof" text COLLATE "C",
	"opened_by" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"ends_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	CONSTRAINT "sessions_opened_by" CHECK ("sessions"."opened_by" = 'key' OR "sessions"."opened_by" = 'link' OR "sessions"."opened_by" = 'password' OR "sessions"."opened_by" = 'token'),
	CONSTRAINT "sessions_of_one" CHECK (("sessions"."account_id" IS NULL) = ("sessions"."key_id" IS NULL) AND ("sessions"."account_id" IS NULL) <> ("sessions"."operator" IS NULL)
          AND ("sessions"."operator" IS NULL) = ("sessions"."operator_proof" IS NULL))
);
--> statement-breakpoint
CREATE TABLE "sign_in_links" (
	"hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"account_id" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "console_access" ADD CONSTRAINT "console_access_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in_links" ADD CONSTRAINT "sign_in_links_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sessions_account" ON "sessions" USING btree ("account_id","created_at");--> statement-breakpoint
CREATE INDEX "sessions_operator" ON "sessions" USING btree ("operator","created_at");--> statement-breakpoint
CREATE INDEX "sessions_end" ON "sessions" USING btree ("ends_at");--> statement-breakpoint
CREATE INDEX "sign_in_links_account" ON "sign_in_links" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "sign_in_links_age" ON "sign_in_links" USING btree ("expires_at");
--> statement-breakpoint
CREATE FUNCTION "sessions_end_with_their_account"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM "sessions" WHERE "account_id" = NEW."id";
	DELETE FROM "sign_in_links" WHERE "account_id" = NEW."id";
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "sessions_end_with_their_account" AFTER UPDATE OF "status" ON "accounts" FOR EACH ROW
WHEN (NEW."status" <> 'active')
EXECUTE FUNCTION "sessions_end_with_their_account"();
