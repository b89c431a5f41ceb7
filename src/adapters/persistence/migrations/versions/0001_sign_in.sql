-- The schema of sign-in, as version 0.1 had it. Later migrations change it; this one stays.

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
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT sequence_taken UNIQUE (tenant_id, sequence)
);
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
  claimed_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  failure TEXT,
  PRIMARY KEY (id)
);
CREATE INDEX ended_mails ON mails (ended_at) WHERE ended_at is not null;
CREATE INDEX ix_mails_user_id ON mails (user_id);

CREATE TABLE organizations (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  parent_organization_id UUID,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, parent_organization_id) REFERENCES organizations (tenant_id, id)
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
  PRIMARY KEY (id),
  CONSTRAINT email_taken UNIQUE (email_key)
);
CREATE INDEX platform_admins ON users (id) WHERE is_platform_admin;

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

CREATE TABLE recovery_codes (
  user_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  code_hash BYTEA NOT NULL,
  PRIMARY KEY (user_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT recovery_code_taken UNIQUE (user_id, code_hash)
);

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

CREATE TABLE user_organizations (
  tenant_id UUID NOT NULL,
  id UUID NOT NULL,
  version INTEGER NOT NULL,
  user_id UUID NOT NULL,
  organization_id UUID NOT NULL,
  role TEXT NOT NULL,
  permissions JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY(tenant_id, organization_id) REFERENCES organizations (tenant_id, id),
  FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT already_member UNIQUE (tenant_id, user_id, organization_id, role)
);
CREATE INDEX people_of_organization ON user_organizations (tenant_id, organization_id, user_id);
CREATE INDEX roles_at_organization ON user_organizations (tenant_id, organization_id, role, user_id);
CREATE INDEX roles_everywhere ON user_organizations (role, user_id);
CREATE INDEX roles_in_tenant ON user_organizations (tenant_id, role, user_id);
CREATE INDEX roles_of_person ON user_organizations (user_id, id);

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
grant update (sequence, seal, seal_key) on audit_log to faraday_worker;
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

grant select, insert, update, delete on email_verifications to faraday_app;
alter table email_verifications enable row level security;
create policy own on email_verifications for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on email_verifications for select to faraday_worker using (true);
create policy sweep on email_verifications for delete to faraday_worker using (true);

grant select, insert, update, delete on jwt_blacklist to faraday_app;
alter table jwt_blacklist enable row level security;
create policy own on jwt_blacklist for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on jwt_blacklist for select to faraday_worker using (true);
create policy sweep on jwt_blacklist for delete to faraday_worker using (true);

grant select, insert, update, delete on password_reset_tokens to faraday_app;
alter table password_reset_tokens enable row level security;
create policy own on password_reset_tokens for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on password_reset_tokens for select to faraday_worker using (true);
create policy sweep on password_reset_tokens for delete to faraday_worker using (true);

grant select, insert, update, delete on recovery_codes to faraday_app;
alter table recovery_codes enable row level security;
create policy own on recovery_codes for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on recovery_codes for select to faraday_worker using (true);
create policy sweep on recovery_codes for delete to faraday_worker using (true);

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

grant select, insert, update, delete on user_organizations to faraday_app;
alter table user_organizations enable row level security;
create policy in_tenants on user_organizations for select to faraday_app using (tenant_id = any((select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])::uuid[]));
create policy insert_in_tenant on user_organizations for insert to faraday_app with check (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy update_in_tenant on user_organizations for update to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy delete_in_tenant on user_organizations for delete to faraday_app using (tenant_id = (select nullif(current_setting('faraday.tenant_id', true), '')::uuid));
create policy everywhere on user_organizations for select to faraday_platform using (true);
create policy own on user_organizations for select to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));

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
