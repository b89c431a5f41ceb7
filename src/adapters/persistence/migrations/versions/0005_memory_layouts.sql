-- What the ranking reads out of memories, kept beside them; and vectors that PostgreSQL can compare.

-- The bytes that are there it cannot read. They are made again by the model, in the background; until then words find them.
truncate memory_vectors;
alter table memory_vectors drop column numbers;
alter table memory_vectors add column numbers public.halfvec not null;

CREATE TABLE memory_layouts (
	user_id UUID NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	rules TEXT COLLATE "C" NOT NULL,
	said INTEGER NOT NULL,
	thread BIGINT NOT NULL,
	turn DOUBLE PRECISION,
	occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
	log_length DOUBLE PRECISION NOT NULL,
	length INTEGER NOT NULL,
	plain_length INTEGER NOT NULL,
	flags INTEGER NOT NULL,
	terms TEXT[] COLLATE "C" NOT NULL,
	times BYTEA NOT NULL,
	place TEXT NOT NULL,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY(user_id, id) REFERENCES user_memories (user_id, id) ON DELETE CASCADE
);

CREATE INDEX layouts_by_term ON memory_layouts USING gin (user_id, terms) WITH (fastupdate = off);
CREATE INDEX layouts_by_thread ON memory_layouts (user_id, thread) INCLUDE (rules, length, plain_length);
CREATE INDEX memories_by_text ON user_memories (user_id, text_hash);

grant select, insert, update, delete on memory_layouts to faraday_app;
alter table memory_layouts enable row level security;
create policy own on memory_layouts for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on memory_layouts for select to faraday_worker using (true);
create policy sweep on memory_layouts for delete to faraday_worker using (true);
grant select (user_id) on memory_layouts to faraday_import;
create policy built_upon on memory_layouts for select to faraday_import using (true);
create view own_memory_layouts as select * from memory_layouts where user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid);
grant select on own_memory_layouts to faraday_app;
