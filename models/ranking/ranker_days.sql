-- Days as whole numbers, for arithmetic outside of SQL.
select {{ days_between("date '1970-01-01'", "as_of_date") }} as as_of_day from {{ ref("as_of") }}
