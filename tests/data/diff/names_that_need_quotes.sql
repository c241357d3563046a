-- before
CREATE SCHEMA "Odd Schema";
CREATE TYPE "Odd Schema"."Kind" AS ENUM ('it''s', 'B');
CREATE TABLE "Odd Schema"."select" ("Order" int PRIMARY KEY, "from" "Odd Schema"."Kind" DEFAULT 'B', "a""b" text, "ünï" int);
CREATE INDEX "my idx" ON "Odd Schema"."select" ("from", lower("a""b"));
CREATE VIEW "Odd Schema"."VIEW" AS SELECT "Order", "a""b" AS "c d" FROM "Odd Schema"."select";
-- after
CREATE SCHEMA "Odd Schema";
CREATE TYPE "Odd Schema"."Kind" AS ENUM ('B', 'new one');
CREATE TABLE "Odd Schema"."select" ("Order" bigint PRIMARY KEY, "from" "Odd Schema"."Kind" DEFAULT 'new one', "a""b" varchar(20), "ünï" int GENERATED ALWAYS AS IDENTITY);
CREATE INDEX "my idx" ON "Odd Schema"."select" ("from", lower("a""b"));
CREATE VIEW "Odd Schema"."VIEW" AS SELECT "Order", "a""b" AS "c d" FROM "Odd Schema"."select";
COMMENT ON COLUMN "Odd Schema"."select"."a""b" IS 'quoted';
