CREATE TABLE "sealing_probe" (
	"id" bigint PRIMARY KEY NOT NULL,
	"sealed" text COLLATE "C" NOT NULL
);
