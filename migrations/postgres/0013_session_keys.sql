-- Gateways of the version before may go on.
ALTER TABLE "sessions" ADD COLUMN "sealed_key" text COLLATE "C";