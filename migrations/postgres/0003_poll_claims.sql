-- Gateways of the version before may go on.
CREATE TABLE "poll_claims" (
	"lease_ends_at" bigint NOT NULL,
	"holder" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "poll_claims_once" ON "poll_claims" USING btree ("lease_ends_at","holder");