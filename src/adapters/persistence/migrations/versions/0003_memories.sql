-- Memories: what is kept for a person, its earlier versions, what was done with it, and who may read it.

CREATE TABLE user_memories (
	user_id UUID NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	content TEXT NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	category TEXT COLLATE "C",
	tags TEXT[] NOT NULL,
	context JSONB NOT NULL,
	importance_score DOUBLE PRECISION NOT NULL,
	importance_given BOOLEAN NOT NULL,
	access_count INTEGER NOT NULL,
	last_accessed TIMESTAMP WITH TIME ZONE,
	expires_at TIMESTAMP WITH TIME ZONE,
	pinned BOOLEAN NOT NULL,
	supersedes UUID,
	summary_id UUID,
	repetitions INTEGER NOT NULL,
	helpful INTEGER NOT NULL,
	unhelpful INTEGER NOT NULL,
	text_hash BYTEA NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	changed BIGINT NOT NULL,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE memory_versions (
	user_id UUID NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	memory_id UUID NOT NULL,
	number INTEGER NOT NULL,
	content TEXT NOT NULL,
	category TEXT,
	tags TEXT[] NOT NULL,
	context JSONB NOT NULL,
	importance_score DOUBLE PRECISION NOT NULL,
	expires_at TIMESTAMP WITH TIME ZONE,
	pinned BOOLEAN NOT NULL,
	supersedes UUID,
	written_at TIMESTAMP WITH TIME ZONE NOT NULL,
	replaced_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY(user_id, memory_id) REFERENCES user_memories (user_id, id) ON DELETE CASCADE
);

CREATE TABLE memory_interactions (
	user_id UUID NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	memory_id UUID NOT NULL,
	interaction_type TEXT NOT NULL,
	context JSONB NOT NULL,
	success BOOLEAN NOT NULL,
	response_time INTEGER,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY(user_id, memory_id) REFERENCES user_memories (user_id, id) ON DELETE CASCADE
);

CREATE TABLE memory_categories (
	user_id UUID NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C" NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	description TEXT,
	parent_category_id UUID,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
	CONSTRAINT category_taken UNIQUE (user_id, name_key)
);

CREATE TABLE memory_grants (
	user_id UUID NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	grantee_id UUID NOT NULL,
	purpose TEXT NOT NULL,
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	granted_by UUID NOT NULL,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
	FOREIGN KEY(grantee_id) REFERENCES users (id) ON DELETE CASCADE,
	FOREIGN KEY(granted_by) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE memory_states (
	user_id UUID NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	changed BIGINT NOT NULL,
	held_since TIMESTAMP WITH TIME ZONE,
	hold_reason TEXT,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE memory_vectors (
	user_id UUID NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	model TEXT NOT NULL,
	numbers BYTEA NOT NULL,
	changed BIGINT NOT NULL,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY(user_id, id) REFERENCES user_memories (user_id, id) ON DELETE CASCADE
);

CREATE INDEX memories_by_category ON user_memories (user_id, category, id);
CREATE INDEX memories_by_change ON user_memories (user_id, changed);
CREATE INDEX memories_in_the_bin ON user_memories (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX memories_listed ON user_memories (user_id, id) WHERE deleted_at IS NULL AND summary_id IS NULL;
CREATE INDEX memories_summarised ON user_memories (user_id, summary_id) WHERE summary_id IS NOT NULL;
CREATE INDEX memories_superseding ON user_memories (user_id, supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX memories_that_end ON user_memories (expires_at) WHERE deleted_at IS NULL;

CREATE INDEX versions_of_memory ON memory_versions (user_id, memory_id, id);

CREATE INDEX interactions_with_memory ON memory_interactions (user_id, memory_id, id);
CREATE INDEX ix_memory_interactions_created_at ON memory_interactions (created_at);

CREATE INDEX grants_to_somebody ON memory_grants (user_id, grantee_id, expires_at);
CREATE INDEX ix_memory_grants_granted_by ON memory_grants (granted_by);
CREATE INDEX ix_memory_grants_grantee_id ON memory_grants (grantee_id);

CREATE INDEX vectors_by_change ON memory_vectors (user_id, changed);

grant select, insert, update, delete on user_memories to faraday_app;
alter table user_memories enable row level security;
create policy own on user_memories for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on user_memories for select to faraday_worker using (true);
create policy sweep on user_memories for delete to faraday_worker using (true);
grant select (user_id) on user_memories to faraday_import;
create policy built_upon on user_memories for select to faraday_import using (true);

grant select, insert, update, delete on memory_versions to faraday_app;
alter table memory_versions enable row level security;
create policy own on memory_versions for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on memory_versions for select to faraday_worker using (true);
create policy sweep on memory_versions for delete to faraday_worker using (true);
grant select (user_id) on memory_versions to faraday_import;
create policy built_upon on memory_versions for select to faraday_import using (true);

grant select, insert, update, delete on memory_interactions to faraday_app;
alter table memory_interactions enable row level security;
create policy own on memory_interactions for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on memory_interactions for select to faraday_worker using (true);
create policy sweep on memory_interactions for delete to faraday_worker using (true);
grant select (user_id) on memory_interactions to faraday_import;
create policy built_upon on memory_interactions for select to faraday_import using (true);

grant select, insert, update, delete on memory_categories to faraday_app;
alter table memory_categories enable row level security;
create policy own on memory_categories for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on memory_categories for select to faraday_worker using (true);
create policy sweep on memory_categories for delete to faraday_worker using (true);
grant select (user_id) on memory_categories to faraday_import;
create policy built_upon on memory_categories for select to faraday_import using (true);

grant select, insert, update, delete on memory_grants to faraday_app;
alter table memory_grants enable row level security;
create policy own on memory_grants for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on memory_grants for select to faraday_worker using (true);
create policy sweep on memory_grants for delete to faraday_worker using (true);
grant select (granted_by, grantee_id, user_id) on memory_grants to faraday_import;
create policy built_upon on memory_grants for select to faraday_import using (true);

grant select, insert, update, delete on memory_states to faraday_app;
alter table memory_states enable row level security;
create policy own on memory_states for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on memory_states for select to faraday_worker using (true);
create policy sweep on memory_states for delete to faraday_worker using (true);
grant select (user_id) on memory_states to faraday_import;
create policy built_upon on memory_states for select to faraday_import using (true);

grant select, insert, update, delete on memory_vectors to faraday_app;
alter table memory_vectors enable row level security;
create policy own on memory_vectors for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on memory_vectors for select to faraday_worker using (true);
create policy sweep on memory_vectors for delete to faraday_worker using (true);
grant select (user_id) on memory_vectors to faraday_import;
create policy built_upon on memory_vectors for select to faraday_import using (true);
