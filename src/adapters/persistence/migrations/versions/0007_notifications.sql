-- What people are told in the product itself.

CREATE TABLE notifications (
	user_id UUID NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	kind TEXT NOT NULL,
	title TEXT NOT NULL,
	text TEXT NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	outcomes JSONB NOT NULL,
	shown_at TIMESTAMP WITH TIME ZONE,
	send_at TIMESTAMP WITH TIME ZONE,
	read_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX ix_notifications_created_at ON notifications (created_at);
CREATE INDEX notifications_shown ON notifications (user_id, shown_at, id);
CREATE INDEX notifications_to_send ON notifications (send_at) WHERE send_at IS NOT NULL;
CREATE INDEX notifications_unread ON notifications (user_id, shown_at, id) WHERE read_at IS NULL;

grant select, insert, update, delete on notifications to faraday_app;
alter table notifications enable row level security;
create policy own on notifications for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on notifications for select to faraday_worker using (true);
create policy sweep on notifications for delete to faraday_worker using (true);
grant select (user_id) on notifications to faraday_import;
create policy built_upon on notifications for select to faraday_import using (true);
