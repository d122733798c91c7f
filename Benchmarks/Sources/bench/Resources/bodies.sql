-- The body of one check for every session, in random order, each of a random feature.
set seed = 0.5;
copy (
    with feature as (
        select array_agg(feature_id order by feature_id) as ids
          from feature
         where archived_at is null
    )
    select '{"session":"' || s.session_id || '","feature":"'
           || f.ids[1 + floor(random() * cardinality(f.ids))::int] || '"}'
      from session s
     cross join feature f
     order by random()
) to stdout;
