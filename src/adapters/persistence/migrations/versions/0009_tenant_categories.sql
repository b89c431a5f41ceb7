-- The categories that a tenant's people all have for their memories.

CREATE TABLE tenant_memory_categories (
	tenant_id UUID NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	organization_id UUID NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	name_key TEXT COLLATE "C" NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	description TEXT,
	parent_category_id UUID,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY(tenant_id, organization_id) REFERENCES organizations (tenant_id, id) ON DELETE CASCADE,
	CONSTRAINT tenant_category_taken UNIQUE (tenant_id, name_key)
);

grant select, insert, update, delete on tenant_memory_categories to faraday_app;
alter table tenant_memory_categories enable row level security;
create policy in_tenants on tenant_memory_categories for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on tenant_memory_categories for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on tenant_memory_categories for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on tenant_memory_categories for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on tenant_memory_categories for select to faraday_platform using (true);
grant select on tenant_memory_categories to faraday_import;
create policy import_sees on tenant_memory_categories for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy of_persons_tenants on tenant_memory_categories for select to faraday_app using (tenant_id in (select held.tenant_id from user_organizations held where held.user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid)));

-- What a cleanup looks for: what nobody has written for long.
CREATE INDEX memories_by_writing ON user_memories (updated_at) WHERE deleted_at IS NULL AND summary_id IS NULL AND NOT pinned;

-- Who has a category of their own below a tenant's.
CREATE INDEX categories_below ON memory_categories (parent_category_id, user_id);
