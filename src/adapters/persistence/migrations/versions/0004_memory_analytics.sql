-- How memories were used, by the day, and what was recommended to do with them.

CREATE TABLE memory_analytics (
	user_id UUID NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	begins_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	totals JSONB NOT NULL,
	by_category JSONB NOT NULL,
	by_hour JSONB NOT NULL,
	by_context JSONB NOT NULL,
	response_times JSONB NOT NULL,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE memory_recommendations (
	user_id UUID NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	kind TEXT NOT NULL,
	memory_id UUID NOT NULL,
	offered_at TIMESTAMP WITH TIME ZONE NOT NULL,
	accepted BOOLEAN,
	decided_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (user_id, id),
	FOREIGN KEY(user_id, memory_id) REFERENCES user_memories (user_id, id) ON DELETE CASCADE
);

CREATE INDEX analytics_by_day ON memory_analytics (user_id, begins_at);
CREATE INDEX ix_memory_analytics_begins_at ON memory_analytics (begins_at);
CREATE INDEX ix_memory_recommendations_offered_at ON memory_recommendations (offered_at);
CREATE INDEX recommendations_of_memory ON memory_recommendations (user_id, memory_id);
CREATE INDEX interactions_by_time ON memory_interactions (user_id, created_at);

grant select, insert, update, delete on memory_analytics to faraday_app;
alter table memory_analytics enable row level security;
create policy own on memory_analytics for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on memory_analytics for select to faraday_worker using (true);
create policy sweep on memory_analytics for delete to faraday_worker using (true);
grant select (user_id) on memory_analytics to faraday_import;
create policy built_upon on memory_analytics for select to faraday_import using (true);

grant select, insert, update, delete on memory_recommendations to faraday_app;
alter table memory_recommendations enable row level security;
create policy own on memory_recommendations for all to faraday_app using (user_id = (select nullif(current_setting('faraday.user_id', true), '')::uuid));
create policy find_to_sweep on memory_recommendations for select to faraday_worker using (true);
create policy sweep on memory_recommendations for delete to faraday_worker using (true);
grant select (user_id) on memory_recommendations to faraday_import;
create policy built_upon on memory_recommendations for select to faraday_import using (true);
