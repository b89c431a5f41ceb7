-- What it takes to bring in a district within a minute: fewer indexes to keep.

-- What makes a person's word one serves those who look for it, and what goes with the person serves
-- those who look at a person's words.
ALTER TABLE user_terms DROP CONSTRAINT user_terms_pkey, ADD PRIMARY KEY (tenant_id, term, user_id);
DROP INDEX people_by_term;
DROP INDEX terms_of_person;
CREATE INDEX terms_of_person ON user_terms (user_id, tenant_id, term);
