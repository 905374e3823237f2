-- Event types are checked where they come in: a new one needs no migration. Written by hand: no table is built anew.
ALTER TABLE `webhook_choices` DROP CONSTRAINT `webhook_choices_type`;--> statement-breakpoint
ALTER TABLE `webhook_deliveries` DROP CONSTRAINT `webhook_deliveries_type`;
