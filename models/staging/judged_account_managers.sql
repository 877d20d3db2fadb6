with

    cleaned as (
        select {{ cleaned_columns("account_managers") }} from {{ input_relation("account_managers") }} as rows_read
    ),

    account_managers as (select {{ known_columns("account_managers") }} from cleaned),

    known_names as (
        select distinct account_manager from {{ ref("customer_numbers") }} where account_manager is not null
    ),

    parsed as (
        select
            *,
            case lower(role) when 'rep' then 'rep' when 'manager' then 'manager' end as known_role,
            row_number() over (
                partition by lower(user), account_manager, lower(role) order by row_number
            ) as position_among_equals
        from account_managers
    )

select
    parsed.account_manager,
    parsed.user,
    parsed.known_role as role,
    coalesce(
        {{ unusable_row_reason("account_managers", "parsed") }},
        case
            when parsed.known_role is null
            then 'role is not rep or manager'
            when parsed.known_role = 'rep' and parsed.account_manager is null
            then 'account_manager is missing; a rep needs one'
            when parsed.known_role = 'rep' and known_names.account_manager is null
            then 'no accepted customer has this account_manager'
            when parsed.position_among_equals > 1
            then 'duplicate row, another one was kept'
        end
    ) as rejection_reason,
    {{ row_as_json("account_managers", "parsed") }} as row_values,
    parsed.row_number
from parsed
left join known_names on parsed.account_manager = known_names.account_manager
