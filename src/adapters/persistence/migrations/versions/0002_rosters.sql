-- Rosters: what files bring in, and how it is found again, taken back and left alone.

alter table users add column username TEXT;
alter table users add column given_name TEXT;
alter table users add column middle_name TEXT;
alter table users add column family_name TEXT;
alter table users add column identifier TEXT;
alter table users add column grades TEXT[] not null default '{}';
alter table users alter column grades drop default;
alter table users add column source_tenant_id UUID;
alter table users add column source_root_id UUID;
alter table users add column source_system TEXT;
alter table users add column source_id TEXT COLLATE "C";
alter table users add column held_fields TEXT[] not null default '{}';
alter table users alter column held_fields drop default;
alter table organizations add column type TEXT;
alter table organizations add column identifier TEXT;
alter table organizations add column source_root_id UUID;
alter table organizations add column source_system TEXT;
alter table organizations add column source_id TEXT COLLATE "C";
alter table organizations add column held_fields TEXT[] not null default '{}';
alter table organizations alter column held_fields drop default;
alter table departments add column source_root_id UUID;
alter table departments add column source_system TEXT;
alter table departments add column source_id TEXT COLLATE "C";
alter table departments add column held_fields TEXT[] not null default '{}';
alter table departments alter column held_fields drop default;
alter table user_organizations add column source_root_id UUID;
alter table user_organizations add column source_system TEXT;
alter table guardianships add column source_root_id UUID;
alter table guardianships add column source_system TEXT;
alter table user_terms drop column id, drop constraint term_taken,
  add primary key (tenant_id, user_id, term);
CREATE INDEX terms_of_person ON user_terms (user_id);
drop index members_of_department;
CREATE INDEX members_of_department ON user_organizations (tenant_id, department_id, id) INCLUDE (user_id) WHERE department_id is not null;
drop index members_of_team;
CREATE INDEX members_of_team ON user_organizations (tenant_id, team_id, id) INCLUDE (user_id) WHERE team_id is not null;
ALTER TABLE organizations ADD CONSTRAINT organization_known UNIQUE (tenant_id, source_root_id, source_system, source_id);
ALTER TABLE departments ADD CONSTRAINT department_known UNIQUE (tenant_id, source_root_id, source_system, source_id);
CREATE UNIQUE INDEX users_of_source ON users (source_tenant_id, source_root_id, source_system, source_id) WHERE source_id is not null;
CREATE INDEX users_by_source_id ON users (source_id, source_tenant_id, id) WHERE source_id is not null;

CREATE TABLE academic_sessions (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  organization_id UUID NOT NULL,
  type TEXT,
  starts_on DATE,
  ends_on DATE,
  school_year TEXT,
  parent_session_id UUID,
  is_active BOOLEAN NOT NULL,
  source_root_id UUID,
  source_system TEXT,
  source_id TEXT COLLATE "C",
  held_fields TEXT[] NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, organization_id) REFERENCES organizations (tenant_id, id),
  FOREIGN KEY(tenant_id, parent_session_id) REFERENCES academic_sessions (tenant_id, id),
  CONSTRAINT academic_session_known UNIQUE (tenant_id, source_root_id, source_system, source_id)
);
CREATE INDEX academic_sessions_below ON academic_sessions (tenant_id, parent_session_id);
CREATE INDEX academic_sessions_by_source_id ON academic_sessions (source_id, tenant_id, id);
CREATE INDEX academic_sessions_everywhere ON academic_sessions (id);
CREATE INDEX academic_sessions_of_organization ON academic_sessions (tenant_id, organization_id, id);

CREATE TABLE import_mappings (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  organization_id UUID NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  mapping JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, organization_id) REFERENCES organizations (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT mapping_taken UNIQUE (tenant_id, organization_id, name)
);

CREATE TABLE import_runs (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  organization_id UUID NOT NULL,
  format TEXT NOT NULL,
  mode TEXT NOT NULL,
  source_system TEXT NOT NULL,
  path TEXT NOT NULL,
  mapping JSONB NOT NULL,
  "full" BOOLEAN NOT NULL,
  demographics BOOLEAN NOT NULL,
  uploaded BOOLEAN NOT NULL,
  status TEXT NOT NULL,
  plan_id TEXT,
  result JSONB NOT NULL,
  problem JSONB,
  started_by UUID,
  started_at TIMESTAMP WITH TIME ZONE NOT NULL,
  applied_at TIMESTAMP WITH TIME ZONE,
  undone_at TIMESTAMP WITH TIME ZONE,
  file_name TEXT,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, organization_id) REFERENCES organizations (tenant_id, id),
  FOREIGN KEY(started_by) REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX import_runs_by_person ON import_runs (started_by);
CREATE INDEX import_runs_by_plan ON import_runs (tenant_id, plan_id);
CREATE INDEX import_runs_everywhere ON import_runs (id);
CREATE INDEX import_runs_of_organization ON import_runs (tenant_id, organization_id, id);

CREATE TABLE courses (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  organization_id UUID NOT NULL,
  code TEXT,
  grades TEXT[] NOT NULL,
  subjects TEXT[] NOT NULL,
  academic_session_id UUID,
  is_active BOOLEAN NOT NULL,
  source_root_id UUID,
  source_system TEXT,
  source_id TEXT COLLATE "C",
  held_fields TEXT[] NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, organization_id) REFERENCES organizations (tenant_id, id),
  FOREIGN KEY(tenant_id, academic_session_id) REFERENCES academic_sessions (tenant_id, id),
  CONSTRAINT course_known UNIQUE (tenant_id, source_root_id, source_system, source_id)
);
CREATE INDEX courses_by_source_id ON courses (source_id, tenant_id, id);
CREATE INDEX courses_everywhere ON courses (id);
CREATE INDEX courses_in_session ON courses (tenant_id, academic_session_id);
CREATE INDEX courses_of_organization ON courses (tenant_id, organization_id, id);

CREATE TABLE import_changes (
  tenant_id UUID NOT NULL,
  run_id UUID NOT NULL,
  table_name TEXT NOT NULL,
  row_id UUID NOT NULL,
  user_id UUID,
  before JSONB NOT NULL,
  PRIMARY KEY (tenant_id, run_id, table_name, row_id),
  FOREIGN KEY(tenant_id, run_id) REFERENCES import_runs (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX import_changes_of_person ON import_changes (user_id);

CREATE TABLE import_creations (
  tenant_id UUID NOT NULL,
  run_id UUID NOT NULL,
  table_name TEXT NOT NULL,
  part INTEGER NOT NULL,
  ids UUID[] NOT NULL,
  PRIMARY KEY (tenant_id, run_id, table_name, part),
  FOREIGN KEY(tenant_id, run_id) REFERENCES import_runs (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE import_progress (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  stage TEXT NOT NULL,
  done INTEGER NOT NULL,
  total INTEGER,
  heard_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, id) REFERENCES import_runs (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE classes (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  organization_id UUID NOT NULL,
  course_id UUID,
  code TEXT,
  type TEXT,
  location TEXT,
  grades TEXT[] NOT NULL,
  subjects TEXT[] NOT NULL,
  periods TEXT[] NOT NULL,
  academic_session_ids UUID[] NOT NULL,
  is_active BOOLEAN NOT NULL,
  source_root_id UUID,
  source_system TEXT,
  source_id TEXT COLLATE "C",
  held_fields TEXT[] NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, organization_id) REFERENCES organizations (tenant_id, id),
  FOREIGN KEY(tenant_id, course_id) REFERENCES courses (tenant_id, id),
  CONSTRAINT class_known UNIQUE (tenant_id, source_root_id, source_system, source_id)
);
CREATE INDEX classes_by_source_id ON classes (source_id, tenant_id, id);
CREATE INDEX classes_everywhere ON classes (id);
CREATE INDEX classes_of_course ON classes (course_id, id);
CREATE INDEX classes_of_organization ON classes (tenant_id, organization_id, id);

CREATE TABLE enrollments (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  class_id UUID NOT NULL,
  user_id UUID NOT NULL,
  role TEXT NOT NULL,
  organization_id UUID NOT NULL,
  is_primary BOOLEAN NOT NULL,
  starts_on DATE,
  ends_on DATE,
  is_active BOOLEAN NOT NULL,
  source_root_id UUID,
  source_system TEXT,
  source_id TEXT COLLATE "C",
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, class_id) REFERENCES classes (tenant_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT already_enrolled UNIQUE (tenant_id, class_id, user_id, role)
);
CREATE INDEX enrollments_of_class ON enrollments (tenant_id, class_id, id);
CREATE INDEX enrollments_of_person ON enrollments (user_id, id);

grant select on audit_heads to faraday_import;
create policy import_sees on audit_heads for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select on audit_log to faraday_import;
create policy import_sees on audit_log for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select (user_id) on idempotency_keys to faraday_import;
create policy built_upon on idempotency_keys for select to faraday_import using (true);

grant select on organizations to faraday_import;
create policy import_sees on organizations for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
grant insert, update, delete on organizations to faraday_import;
create policy import_insert on organizations for insert to faraday_import with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_update on organizations for update to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_delete on organizations for delete to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

create policy of_source on users for select to faraday_app using (source_tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
grant select, insert, update, delete on users to faraday_import;
create policy import_sees_addresses on users for select to faraday_import using (true);
create policy import_adds on users for insert to faraday_import with check (not is_platform_admin and not is_service and source_tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_changes on users for update to faraday_import using (not is_platform_admin and not is_service and (source_tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid) or exists (select from user_organizations m where m.user_id = users.id and m.tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid)) or not email_verified and not exists (select from user_organizations m where m.user_id = users.id))) with check (not is_platform_admin and not is_service and (source_tenant_id is null or source_tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid)));
create policy import_takes_back on users for delete to faraday_import using (not is_platform_admin and not is_service and source_tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select, insert, update, delete on academic_sessions to faraday_app;
alter table academic_sessions enable row level security;
create policy in_tenants on academic_sessions for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on academic_sessions for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on academic_sessions for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on academic_sessions for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on academic_sessions for select to faraday_platform using (true);
grant select on academic_sessions to faraday_import;
create policy import_sees on academic_sessions for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
grant insert, update, delete on academic_sessions to faraday_import;
create policy import_insert on academic_sessions for insert to faraday_import with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_update on academic_sessions for update to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_delete on academic_sessions for delete to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select (user_id) on birth_dates to faraday_import;
create policy built_upon on birth_dates for select to faraday_import using (true);
grant select, insert, update, delete on birth_dates to faraday_import;
create policy import_insert on birth_dates for insert to faraday_import with check (exists (select from users u where u.id = user_id and u.source_tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid)));
create policy import_update on birth_dates for update to faraday_import using (exists (select from users u where u.id = user_id and u.source_tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid)));
create policy import_delete on birth_dates for delete to faraday_import using (exists (select from users u where u.id = user_id and u.source_tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid)));

grant select (user_id) on consents to faraday_import;
create policy built_upon on consents for select to faraday_import using (true);

grant select on departments to faraday_import;
create policy import_sees on departments for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
grant insert, update, delete on departments to faraday_import;
create policy import_insert on departments for insert to faraday_import with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_update on departments for update to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_delete on departments for delete to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select (user_id) on disclosures to faraday_import;
create policy built_upon on disclosures for select to faraday_import using (true);

grant select (user_id) on email_verifications to faraday_import;
create policy built_upon on email_verifications for select to faraday_import using (true);
grant delete on email_verifications to faraday_import;
create policy import_voids on email_verifications for delete to faraday_import using (exists (select from users u where u.id = user_id and u.source_tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid)));

grant select (user_id) on erasures to faraday_import;
create policy built_upon on erasures for select to faraday_import using (true);

grant select (user_id) on exports to faraday_import;
create policy built_upon on exports for select to faraday_import using (true);

grant select on guardianships to faraday_import;
create policy import_sees on guardianships for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
grant insert, update, delete on guardianships to faraday_import;
create policy import_insert on guardianships for insert to faraday_import with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_update on guardianships for update to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_delete on guardianships for delete to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select, insert, update, delete on import_mappings to faraday_app;
alter table import_mappings enable row level security;
create policy in_tenants on import_mappings for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on import_mappings for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on import_mappings for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on import_mappings for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on import_mappings for select to faraday_platform using (true);
grant select on import_mappings to faraday_import;
create policy import_sees on import_mappings for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select, insert, update, delete on import_runs to faraday_app;
alter table import_runs enable row level security;
create policy in_tenants on import_runs for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on import_runs for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on import_runs for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on import_runs for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on import_runs for select to faraday_platform using (true);
grant select on import_runs to faraday_import;
create policy import_sees on import_runs for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
grant insert, update, delete on import_runs to faraday_import;
create policy import_insert on import_runs for insert to faraday_import with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_update on import_runs for update to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_delete on import_runs for delete to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select on invitations to faraday_import;
create policy import_sees on invitations for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select (user_id) on jwt_blacklist to faraday_import;
create policy built_upon on jwt_blacklist for select to faraday_import using (true);

grant select on organization_merges to faraday_import;
create policy import_sees on organization_merges for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select (user_id) on password_reset_tokens to faraday_import;
create policy built_upon on password_reset_tokens for select to faraday_import using (true);
grant delete on password_reset_tokens to faraday_import;
create policy import_voids on password_reset_tokens for delete to faraday_import using (exists (select from users u where u.id = user_id and u.source_tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid)));

grant select (user_id) on personal_tokens to faraday_import;
create policy built_upon on personal_tokens for select to faraday_import using (true);

grant select on preference_defaults to faraday_import;
create policy import_sees on preference_defaults for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select on profile_requirements to faraday_import;
create policy import_sees on profile_requirements for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select (user_id) on recovery_codes to faraday_import;
create policy built_upon on recovery_codes for select to faraday_import using (true);

grant select (user_id) on rectifications to faraday_import;
create policy built_upon on rectifications for select to faraday_import using (true);

grant select on service_accounts to faraday_import;
create policy import_sees on service_accounts for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select (user_id) on totp_secrets to faraday_import;
create policy built_upon on totp_secrets for select to faraday_import using (true);

grant select (user_id) on user_credentials to faraday_import;
create policy built_upon on user_credentials for select to faraday_import using (true);

grant select (user_id) on user_devices to faraday_import;
create policy built_upon on user_devices for select to faraday_import using (true);
grant delete on user_devices to faraday_import;
create policy import_voids on user_devices for delete to faraday_import using (exists (select from users u where u.id = user_id and u.source_tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid)));

grant select (user_id) on user_preferences to faraday_import;
create policy built_upon on user_preferences for select to faraday_import using (true);

grant select (user_id) on user_profiles to faraday_import;
create policy built_upon on user_profiles for select to faraday_import using (true);

grant select (user_id) on user_sessions to faraday_import;
create policy built_upon on user_sessions for select to faraday_import using (true);

grant select on user_terms to faraday_import;
create policy import_sees on user_terms for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
grant insert, update, delete on user_terms to faraday_import;
create policy import_insert on user_terms for insert to faraday_import with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_update on user_terms for update to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_delete on user_terms for delete to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select, insert, update, delete on courses to faraday_app;
alter table courses enable row level security;
create policy in_tenants on courses for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on courses for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on courses for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on courses for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on courses for select to faraday_platform using (true);
grant select on courses to faraday_import;
create policy import_sees on courses for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
grant insert, update, delete on courses to faraday_import;
create policy import_insert on courses for insert to faraday_import with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_update on courses for update to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_delete on courses for delete to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select, insert, update, delete on import_changes to faraday_app;
alter table import_changes enable row level security;
create policy in_tenants on import_changes for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on import_changes for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on import_changes for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on import_changes for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on import_changes for select to faraday_platform using (true);
grant select on import_changes to faraday_import;
create policy import_sees on import_changes for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
grant insert, update, delete on import_changes to faraday_import;
create policy import_insert on import_changes for insert to faraday_import with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_update on import_changes for update to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_delete on import_changes for delete to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select, insert, update, delete on import_creations to faraday_app;
alter table import_creations enable row level security;
create policy in_tenants on import_creations for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on import_creations for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on import_creations for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on import_creations for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on import_creations for select to faraday_platform using (true);
grant select on import_creations to faraday_import;
create policy import_sees on import_creations for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
grant insert, update, delete on import_creations to faraday_import;
create policy import_insert on import_creations for insert to faraday_import with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_update on import_creations for update to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_delete on import_creations for delete to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select, insert, update, delete on import_progress to faraday_app;
alter table import_progress enable row level security;
create policy in_tenants on import_progress for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on import_progress for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on import_progress for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on import_progress for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on import_progress for select to faraday_platform using (true);
grant select on import_progress to faraday_import;
create policy import_sees on import_progress for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select (user_id) on refresh_tokens to faraday_import;
create policy built_upon on refresh_tokens for select to faraday_import using (true);

grant select on teams to faraday_import;
create policy import_sees on teams for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select, insert, update, delete on classes to faraday_app;
alter table classes enable row level security;
create policy in_tenants on classes for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on classes for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on classes for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on classes for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on classes for select to faraday_platform using (true);
grant select on classes to faraday_import;
create policy import_sees on classes for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
grant insert, update, delete on classes to faraday_import;
create policy import_insert on classes for insert to faraday_import with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_update on classes for update to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_delete on classes for delete to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select on user_organizations to faraday_import;
create policy import_sees on user_organizations for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_sees_roles on user_organizations for select to faraday_import using (true);
grant insert, update, delete on user_organizations to faraday_import;
create policy import_insert on user_organizations for insert to faraday_import with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_update on user_organizations for update to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_delete on user_organizations for delete to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));

grant select, insert, update, delete on enrollments to faraday_app;
alter table enrollments enable row level security;
create policy in_tenants on enrollments for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on enrollments for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on enrollments for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on enrollments for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on enrollments for select to faraday_platform using (true);
grant select on enrollments to faraday_import;
create policy import_sees on enrollments for select to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
grant insert, update, delete on enrollments to faraday_import;
create policy import_insert on enrollments for insert to faraday_import with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_update on enrollments for update to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy import_delete on enrollments for delete to faraday_import using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
