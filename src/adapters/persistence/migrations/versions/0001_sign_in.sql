-- The schema, as version 0.1 had it. Later migrations change it; this one stays.

CREATE TABLE audit_heads (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  entries BIGINT NOT NULL,
  seal BYTEA NOT NULL,
  seal_key TEXT NOT NULL,
  signature BYTEA NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE audit_log (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  actor_id UUID,
  action TEXT NOT NULL,
  target_type TEXT NOT NULL,
  target_id UUID,
  organization_id UUID,
  request_id TEXT,
  ip_address TEXT,
  details JSONB NOT NULL,
  sequence BIGINT,
  seal BYTEA,
  seal_key TEXT,
  sealed_origin BYTEA,
  sealed_details BYTEA,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT sequence_taken UNIQUE (tenant_id, sequence)
);
CREATE INDEX audit_log_by_actor ON audit_log (actor_id, id);
CREATE INDEX audit_log_by_target ON audit_log (target_id, id);
CREATE INDEX audit_log_everywhere ON audit_log (id);
CREATE INDEX audit_log_of_organization ON audit_log (tenant_id, organization_id, id);
CREATE INDEX unsealed_audit_log ON audit_log (tenant_id, id) WHERE sequence IS NULL;

CREATE TABLE idempotency_keys (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  request_hash BYTEA NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  answer BYTEA,
  PRIMARY KEY (user_id, id)
);
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);

CREATE TABLE login_attempts (
  key BYTEA NOT NULL,
  failures INTEGER NOT NULL,
  locked_until TIMESTAMP WITH TIME ZONE,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (key)
);
CREATE INDEX ix_login_attempts_updated_at ON login_attempts (updated_at);

CREATE TABLE mails (
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  user_id UUID,
  content BYTEA,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  kind TEXT NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE,
  waited BOOLEAN NOT NULL,
  claimed_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  failure TEXT,
  PRIMARY KEY (id)
);
CREATE INDEX ended_mails ON mails (ended_at) WHERE ended_at is not null;
CREATE INDEX ix_mails_user_id ON mails (user_id);
CREATE INDEX waiting_mails ON mails (due_at, id) WHERE due_at is not null;

CREATE TABLE organizations (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  parent_organization_id UUID,
  merged_into_organization_id UUID,
  description TEXT,
  name_key TEXT COLLATE "C" NOT NULL,
  archived_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, parent_organization_id) REFERENCES organizations (tenant_id, id),
  FOREIGN KEY(tenant_id, merged_into_organization_id) REFERENCES organizations (tenant_id, id)
);
CREATE INDEX ix_organizations_name ON organizations (name);
CREATE INDEX organizations_below ON organizations (tenant_id, parent_organization_id, id);
CREATE INDEX organizations_everywhere ON organizations (id);

CREATE TABLE rate_limits (
  key BYTEA NOT NULL,
  count INTEGER NOT NULL,
  began_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (key)
);
CREATE INDEX ix_rate_limits_began_at ON rate_limits (began_at);

CREATE TABLE signing_keys (
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  public_key BYTEA NOT NULL,
  private_key BYTEA NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  retires_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (id)
);

CREATE TABLE users (
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  email TEXT,
  email_key TEXT COLLATE "C",
  full_name TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  is_active BOOLEAN NOT NULL,
  email_verified BOOLEAN NOT NULL,
  is_platform_admin BOOLEAN NOT NULL,
  security_epoch INTEGER NOT NULL,
  is_service BOOLEAN NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT email_taken UNIQUE (email_key)
);
CREATE INDEX inactive_users ON users (updated_at) WHERE not is_active;
CREATE INDEX inactive_users_by_id ON users (id) WHERE not is_active;
CREATE INDEX platform_admins ON users (id) WHERE is_platform_admin;

CREATE TABLE birth_dates (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  born_on DATE NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE consents (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  text_version TEXT NOT NULL,
  granted_at TIMESTAMP WITH TIME ZONE NOT NULL,
  granted_by UUID,
  withdrawn_at TIMESTAMP WITH TIME ZONE,
  withdrawn_by UUID,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  FOREIGN KEY(granted_by) REFERENCES users (id) ON DELETE SET NULL,
  FOREIGN KEY(withdrawn_by) REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX current_consents ON consents (user_id, purpose) WHERE withdrawn_at IS NULL;
CREATE INDEX ix_consents_granted_by ON consents (granted_by);
CREATE INDEX ix_consents_withdrawn_at ON consents (withdrawn_at);
CREATE INDEX ix_consents_withdrawn_by ON consents (withdrawn_by);

CREATE TABLE departments (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  organization_id UUID NOT NULL,
  parent_department_id UUID,
  description TEXT,
  name_key TEXT COLLATE "C" NOT NULL,
  archived_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, organization_id) REFERENCES organizations (tenant_id, id),
  FOREIGN KEY(tenant_id, parent_department_id) REFERENCES departments (tenant_id, id)
);
CREATE INDEX departments_below ON departments (tenant_id, parent_department_id, id);
CREATE INDEX departments_everywhere ON departments (id);
CREATE INDEX departments_of_organization ON departments (tenant_id, organization_id, id);

CREATE TABLE disclosures (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  reader_id UUID,
  what TEXT NOT NULL,
  purpose TEXT NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  FOREIGN KEY(reader_id) REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX ix_disclosures_at ON disclosures (at);
CREATE INDEX ix_disclosures_reader_id ON disclosures (reader_id);

CREATE TABLE email_verifications (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  email_key TEXT COLLATE "C" NOT NULL,
  token_hash BYTEA NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT verification_token_taken UNIQUE (user_id, token_hash)
);
CREATE INDEX ix_email_verifications_expires_at ON email_verifications (expires_at);

CREATE TABLE erasures (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  erase_after TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_erasures_erase_after ON erasures (erase_after);

CREATE TABLE exports (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_exports_expires_at ON exports (expires_at);

CREATE TABLE guardianships (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  guardian_id UUID NOT NULL,
  child_id UUID NOT NULL,
  confirmed_by UUID,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(guardian_id) REFERENCES users (id) ON DELETE CASCADE,
  FOREIGN KEY(child_id) REFERENCES users (id) ON DELETE CASCADE,
  FOREIGN KEY(confirmed_by) REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT already_guardian UNIQUE (tenant_id, child_id, guardian_id)
);
CREATE INDEX children_of_guardian ON guardianships (guardian_id, child_id);
CREATE INDEX guardians_of_child ON guardianships (child_id, id);
CREATE INDEX ix_guardianships_confirmed_by ON guardianships (confirmed_by);

CREATE TABLE invitations (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  organization_id UUID NOT NULL,
  email TEXT NOT NULL,
  email_key TEXT COLLATE "C" NOT NULL,
  role TEXT NOT NULL,
  token_hash BYTEA NOT NULL,
  invited_by UUID,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, organization_id) REFERENCES organizations (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY(invited_by) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT already_invited UNIQUE (tenant_id, organization_id, email_key),
  CONSTRAINT invitation_token_taken UNIQUE (tenant_id, token_hash)
);
CREATE INDEX invitations_by_person ON invitations (invited_by);
CREATE INDEX invitations_to_address ON invitations (email_key);
CREATE INDEX invitations_to_organization ON invitations (tenant_id, organization_id, id);
CREATE INDEX ix_invitations_expires_at ON invitations (expires_at);

CREATE TABLE jwt_blacklist (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_jwt_blacklist_expires_at ON jwt_blacklist (expires_at);

CREATE TABLE organization_merges (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  organization_id UUID NOT NULL,
  into_organization_id UUID NOT NULL,
  former_parent_id UUID NOT NULL,
  moved JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  undone_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, organization_id) REFERENCES organizations (tenant_id, id),
  FOREIGN KEY(tenant_id, into_organization_id) REFERENCES organizations (tenant_id, id)
);
CREATE INDEX merges_of_organization ON organization_merges (tenant_id, organization_id, id);

CREATE TABLE password_reset_tokens (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  token_hash BYTEA NOT NULL,
  purpose TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT reset_token_taken UNIQUE (user_id, token_hash)
);
CREATE INDEX ix_password_reset_tokens_expires_at ON password_reset_tokens (expires_at);

CREATE TABLE personal_keys (
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  user_id UUID NOT NULL,
  key BYTEA NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT personal_key_taken UNIQUE (user_id)
);

CREATE TABLE personal_tokens (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT[] NOT NULL,
  token_hash BYTEA NOT NULL,
  security_epoch INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_used_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT personal_token_taken UNIQUE (user_id, token_hash)
);
CREATE INDEX ix_personal_tokens_expires_at ON personal_tokens (expires_at);

CREATE TABLE preference_defaults (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  set_values JSONB NOT NULL,
  locked TEXT[] NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, id) REFERENCES organizations (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE profile_requirements (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  required_fields TEXT[] NOT NULL,
  badges BOOLEAN,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, id) REFERENCES organizations (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE recovery_codes (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  code_hash BYTEA NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT recovery_code_taken UNIQUE (user_id, code_hash)
);

CREATE TABLE rectifications (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  field TEXT NOT NULL,
  changed_by UUID,
  old_value BYTEA,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  FOREIGN KEY(changed_by) REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX ix_rectifications_at ON rectifications (at);
CREATE INDEX ix_rectifications_changed_by ON rectifications (changed_by);

CREATE TABLE service_accounts (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  user_id UUID NOT NULL,
  organization_id UUID NOT NULL,
  membership_id UUID NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  scopes TEXT[] NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, organization_id) REFERENCES organizations (tenant_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX service_accounts_of_organization ON service_accounts (tenant_id, organization_id, id);
CREATE INDEX service_accounts_of_person ON service_accounts (user_id);

CREATE TABLE totp_secrets (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  secret BYTEA NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  confirmed_at TIMESTAMP WITH TIME ZONE,
  last_step BIGINT NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE user_credentials (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  password_hash TEXT NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE user_devices (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  name TEXT,
  token_hash BYTEA NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT device_token_taken UNIQUE (user_id, token_hash)
);
CREATE INDEX ix_user_devices_expires_at ON user_devices (expires_at);

CREATE TABLE user_preferences (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  theme TEXT,
  color_scheme JSONB,
  font_size TEXT,
  accessibility JSONB NOT NULL,
  notifications JSONB NOT NULL,
  language TEXT,
  timezone TEXT,
  date_format TEXT,
  time_format TEXT,
  first_day_of_week TEXT,
  currency TEXT,
  privacy JSONB NOT NULL,
  consented_at JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE user_profiles (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  avatar_url TEXT,
  avatar JSONB,
  bio TEXT,
  location TEXT,
  website TEXT,
  social_links JSONB NOT NULL,
  phone TEXT,
  job_title TEXT,
  education JSONB NOT NULL,
  preferred_name TEXT,
  pronouns TEXT,
  name_pronunciation TEXT,
  visibility JSONB NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE user_sessions (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  device_id UUID,
  device_name TEXT,
  ip_address TEXT,
  user_agent TEXT,
  security_epoch INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  end_reason TEXT,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_user_sessions_last_used_at ON user_sessions (last_used_at);
CREATE INDEX living_sessions ON user_sessions (user_id, last_used_at) WHERE ended_at IS NULL;

CREATE TABLE user_terms (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  user_id UUID NOT NULL,
  term TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT term_taken UNIQUE (tenant_id, user_id, term)
);
CREATE INDEX people_by_term ON user_terms (tenant_id, term, user_id);
CREATE INDEX people_by_term_everywhere ON user_terms (term, user_id);

CREATE TABLE refresh_tokens (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  session_id UUID NOT NULL,
  token_hash BYTEA NOT NULL,
  issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
  spent_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id, session_id) REFERENCES user_sessions (user_id, id) ON DELETE CASCADE,
  CONSTRAINT refresh_token_taken UNIQUE (user_id, token_hash)
);
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (user_id, session_id);
CREATE INDEX spent_refresh_tokens ON refresh_tokens (spent_at) WHERE spent_at IS NOT NULL;

CREATE TABLE teams (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  department_id UUID NOT NULL,
  organization_id UUID NOT NULL,
  description TEXT,
  name_key TEXT COLLATE "C" NOT NULL,
  archived_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, department_id) REFERENCES departments (tenant_id, id),
  FOREIGN KEY(tenant_id, organization_id) REFERENCES organizations (tenant_id, id)
);
CREATE INDEX teams_everywhere ON teams (id);
CREATE INDEX teams_of_department ON teams (tenant_id, department_id, id);
CREATE INDEX teams_of_organization ON teams (tenant_id, organization_id, id);

CREATE TABLE user_organizations (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  user_id UUID NOT NULL,
  organization_id UUID NOT NULL,
  role TEXT NOT NULL,
  permissions JSONB NOT NULL,
  department_id UUID,
  team_id UUID,
  starts_on DATE,
  ends_on DATE,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, organization_id) REFERENCES organizations (tenant_id, id),
  FOREIGN KEY(tenant_id, department_id) REFERENCES departments (tenant_id, id),
  FOREIGN KEY(tenant_id, team_id) REFERENCES teams (tenant_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT already_member UNIQUE NULLS NOT DISTINCT (tenant_id, user_id, organization_id, department_id, team_id, role),
  CONSTRAINT held_at_one_node CHECK (department_id is null or team_id is null)
);
CREATE INDEX members_of_department ON user_organizations (tenant_id, department_id, id) INCLUDE (user_id);
CREATE INDEX members_of_organization ON user_organizations (tenant_id, organization_id, id) INCLUDE (user_id) WHERE department_id is null and team_id is null;
CREATE INDEX members_of_team ON user_organizations (tenant_id, team_id, id) INCLUDE (user_id);
CREATE INDEX people_of_organization ON user_organizations (tenant_id, organization_id, user_id);
CREATE INDEX roles_at_organization ON user_organizations (tenant_id, organization_id, role, user_id);
CREATE INDEX roles_everywhere ON user_organizations (role, user_id);
CREATE INDEX roles_in_tenant ON user_organizations (tenant_id, role, user_id);
CREATE INDEX roles_of_person ON user_organizations (user_id, id);

grant select on audit_heads to faraday_app;
alter table audit_heads enable row level security;
create policy in_tenants on audit_heads for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy everywhere on audit_heads for select to faraday_platform using (true);
grant insert, update on audit_heads to faraday_worker;
create policy seal on audit_heads for all to faraday_worker using (true);

grant select, insert on audit_log to faraday_app;
alter table audit_log enable row level security;
create policy in_tenants on audit_log for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on audit_log for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on audit_log for select to faraday_platform using (true);
grant update (sequence, seal, seal_key, sealed_origin, sealed_details, actor_id, target_id, request_id, ip_address, details) on audit_log to faraday_worker;
create policy seal_once on audit_log for update to faraday_worker using (sequence is null) with check (true);

grant select, insert, update, delete on idempotency_keys to faraday_app;
alter table idempotency_keys enable row level security;
create policy own on idempotency_keys for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on idempotency_keys for select to faraday_worker using (true);
create policy sweep on idempotency_keys for delete to faraday_worker using (true);

grant select, insert, update, delete on login_attempts to faraday_app;

grant insert on mails to faraday_app;
grant select, update, delete on mails to faraday_worker;

grant select, insert, update, delete on organizations to faraday_app;
alter table organizations enable row level security;
create policy in_tenants on organizations for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on organizations for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on organizations for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on organizations for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on organizations for select to faraday_platform using (true);

grant select, insert, update, delete on rate_limits to faraday_app;

grant select on signing_keys to faraday_app;
grant insert, update, delete on signing_keys to faraday_worker;

grant select, insert, update, delete on users to faraday_app;
alter table users enable row level security;
create policy own on users for all to faraday_app using (id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy members on users for select to faraday_app using (exists (select from user_organizations m where m.user_id = users.id and (m.tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]))));
create policy by_address on users for select to faraday_app using (email_key = (select nullif(current_setting('faraday.email_key', true), '')));
create policy everywhere on users for select to faraday_platform using (true);

grant select, insert, update, delete on birth_dates to faraday_app;
alter table birth_dates enable row level security;
create policy own on birth_dates for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on birth_dates for select to faraday_worker using (true);
create policy sweep on birth_dates for delete to faraday_worker using (true);

grant select, insert, update, delete on consents to faraday_app;
alter table consents enable row level security;
create policy own on consents for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on consents for select to faraday_worker using (true);
create policy sweep on consents for delete to faraday_worker using (true);

grant select, insert, update, delete on departments to faraday_app;
alter table departments enable row level security;
create policy in_tenants on departments for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on departments for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on departments for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on departments for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on departments for select to faraday_platform using (true);

grant select, insert, update, delete on disclosures to faraday_app;
alter table disclosures enable row level security;
create policy own on disclosures for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on disclosures for select to faraday_worker using (true);
create policy sweep on disclosures for delete to faraday_worker using (true);

grant select, insert, update, delete on email_verifications to faraday_app;
alter table email_verifications enable row level security;
create policy own on email_verifications for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on email_verifications for select to faraday_worker using (true);
create policy sweep on email_verifications for delete to faraday_worker using (true);

grant select, insert, update, delete on erasures to faraday_app;
alter table erasures enable row level security;
create policy own on erasures for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on erasures for select to faraday_worker using (true);
create policy sweep on erasures for delete to faraday_worker using (true);

grant select, insert, update, delete on exports to faraday_app;
alter table exports enable row level security;
create policy own on exports for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on exports for select to faraday_worker using (true);
create policy sweep on exports for delete to faraday_worker using (true);

grant select, insert, update, delete on guardianships to faraday_app;
alter table guardianships enable row level security;
create policy in_tenants on guardianships for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on guardianships for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on guardianships for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on guardianships for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on guardianships for select to faraday_platform using (true);
create policy own on guardianships for select to faraday_app using (guardian_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid) or child_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));

grant select, insert, update, delete on invitations to faraday_app;
alter table invitations enable row level security;
create policy in_tenants on invitations for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on invitations for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on invitations for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on invitations for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on invitations for select to faraday_platform using (true);
create policy find_to_sweep on invitations for select to faraday_worker using (true);
create policy sweep on invitations for delete to faraday_worker using (true);

grant select, insert, update, delete on jwt_blacklist to faraday_app;
alter table jwt_blacklist enable row level security;
create policy own on jwt_blacklist for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on jwt_blacklist for select to faraday_worker using (true);
create policy sweep on jwt_blacklist for delete to faraday_worker using (true);

grant select, insert, update, delete on organization_merges to faraday_app;
alter table organization_merges enable row level security;
create policy in_tenants on organization_merges for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on organization_merges for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on organization_merges for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on organization_merges for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on organization_merges for select to faraday_platform using (true);

grant select, insert, update, delete on password_reset_tokens to faraday_app;
alter table password_reset_tokens enable row level security;
create policy own on password_reset_tokens for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on password_reset_tokens for select to faraday_worker using (true);
create policy sweep on password_reset_tokens for delete to faraday_worker using (true);

grant select, insert on personal_keys to faraday_app;
grant delete on personal_keys to faraday_worker;

grant select, insert, update, delete on personal_tokens to faraday_app;
alter table personal_tokens enable row level security;
create policy own on personal_tokens for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on personal_tokens for select to faraday_worker using (true);
create policy sweep on personal_tokens for delete to faraday_worker using (true);

grant select, insert, update, delete on preference_defaults to faraday_app;
alter table preference_defaults enable row level security;
create policy in_tenants on preference_defaults for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on preference_defaults for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on preference_defaults for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on preference_defaults for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on preference_defaults for select to faraday_platform using (true);

grant select, insert, update, delete on profile_requirements to faraday_app;
alter table profile_requirements enable row level security;
create policy in_tenants on profile_requirements for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on profile_requirements for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on profile_requirements for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on profile_requirements for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on profile_requirements for select to faraday_platform using (true);

grant select, insert, update, delete on recovery_codes to faraday_app;
alter table recovery_codes enable row level security;
create policy own on recovery_codes for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on recovery_codes for select to faraday_worker using (true);
create policy sweep on recovery_codes for delete to faraday_worker using (true);

grant select, insert, update, delete on rectifications to faraday_app;
alter table rectifications enable row level security;
create policy own on rectifications for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on rectifications for select to faraday_worker using (true);
create policy sweep on rectifications for delete to faraday_worker using (true);

grant select, insert, update, delete on service_accounts to faraday_app;
alter table service_accounts enable row level security;
create policy in_tenants on service_accounts for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on service_accounts for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on service_accounts for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on service_accounts for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on service_accounts for select to faraday_platform using (true);

grant select, insert, update, delete on totp_secrets to faraday_app;
alter table totp_secrets enable row level security;
create policy own on totp_secrets for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on totp_secrets for select to faraday_worker using (true);
create policy sweep on totp_secrets for delete to faraday_worker using (true);

grant select, insert, update, delete on user_credentials to faraday_app;
alter table user_credentials enable row level security;
create policy own on user_credentials for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on user_credentials for select to faraday_worker using (true);
create policy sweep on user_credentials for delete to faraday_worker using (true);

grant select, insert, update, delete on user_devices to faraday_app;
alter table user_devices enable row level security;
create policy own on user_devices for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on user_devices for select to faraday_worker using (true);
create policy sweep on user_devices for delete to faraday_worker using (true);

grant select, insert, update, delete on user_preferences to faraday_app;
alter table user_preferences enable row level security;
create policy own on user_preferences for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on user_preferences for select to faraday_worker using (true);
create policy sweep on user_preferences for delete to faraday_worker using (true);

grant select, insert, update, delete on user_profiles to faraday_app;
alter table user_profiles enable row level security;
create policy own on user_profiles for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on user_profiles for select to faraday_worker using (true);
create policy sweep on user_profiles for delete to faraday_worker using (true);

grant select, insert, update, delete on user_sessions to faraday_app;
alter table user_sessions enable row level security;
create policy own on user_sessions for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on user_sessions for select to faraday_worker using (true);
create policy sweep on user_sessions for delete to faraday_worker using (true);

grant select, insert, update, delete on user_terms to faraday_app;
alter table user_terms enable row level security;
create policy in_tenants on user_terms for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on user_terms for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on user_terms for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on user_terms for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on user_terms for select to faraday_platform using (true);

grant select, insert, update, delete on refresh_tokens to faraday_app;
alter table refresh_tokens enable row level security;
create policy own on refresh_tokens for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on refresh_tokens for select to faraday_worker using (true);
create policy sweep on refresh_tokens for delete to faraday_worker using (true);

grant select, insert, update, delete on teams to faraday_app;
alter table teams enable row level security;
create policy in_tenants on teams for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on teams for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on teams for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on teams for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on teams for select to faraday_platform using (true);

grant select, insert, update, delete on user_organizations to faraday_app;
alter table user_organizations enable row level security;
create policy in_tenants on user_organizations for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on user_organizations for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on user_organizations for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on user_organizations for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on user_organizations for select to faraday_platform using (true);
create policy own on user_organizations for select to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create view department_members with (security_invoker = true) as select tenant_id, id, user_id, department_id, role, permissions, starts_on, ends_on, created_at, updated_at from user_organizations where department_id is not null;
grant select on department_members to faraday_app;
create view team_members with (security_invoker = true) as select tenant_id, id, user_id, team_id, role, permissions, starts_on, ends_on, created_at, updated_at from user_organizations where team_id is not null;
grant select on team_members to faraday_app;
