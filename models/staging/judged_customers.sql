with

    cleaned as (select {{ cleaned_columns("customers") }} from {{ input_relation("customers") }} as rows_read),

    customers as (select {{ known_columns("customers") }} from cleaned),

    successors as (select * from {{ ref("successors") }} where source_table = 'customers'),

    complete as (
        select
            customers.*,
            {{ unusable_row_reason("customers", "customers") }} as unusable_reason,
            {{ row_as_json("customers", "customers") }} as row_values
        from customers
    ),

    {% for column in ["region", "end_use"] %}
        {{ column }}_spellings as (
            select {{ column }} as spelling, {{ common_spelling(column) }} as common
            from complete
            where unusable_reason is null
            group by {{ column }}
        ),
    {% endfor %}

    spelled as (
        select
            complete.*,
            coalesce(region_spellings.common, complete.region) as common_region,
            coalesce(end_use_spellings.common, complete.end_use) as common_end_use
        from complete
        left join region_spellings on complete.region = region_spellings.spelling
        left join end_use_spellings on complete.end_use = end_use_spellings.spelling
    ),

    -- Which of several rows with one key is kept depends on their content only, never on their order in the file.
    ordered as (
        select
            *,
            row_number() over (
                partition by customer_id, unusable_reason is null
                order by
                    customer_name nulls last,
                    common_region nulls last,
                    common_end_use nulls last,
                    city nulls last,
                    state nulls last,
                    account_manager nulls last,
                    replaced_by nulls last,
                    row_number
            ) as position_among_equals
        from spelled
    ),

    -- North + East_Roofing and North_East + Roofing are two segments, though they would be written alike.
    written_alike as (
        select common_region || '_' || common_end_use as segment
        from ordered
        where unusable_reason is null and position_among_equals = 1
        group by common_region || '_' || common_end_use
        having count(distinct common_region) > 1
    ),

    judged as (
        select
            ordered.customer_id,
            ordered.customer_name,
            ordered.common_region as region,
            ordered.common_end_use as end_use,
            ordered.common_region
            || '_'
            || ordered.common_end_use
            || case
                when written_alike.segment is not null
                then ' (' || ordered.common_region || ' + ' || ordered.common_end_use || ')'
                else ''
            end as segment,
            ordered.city,
            ordered.state,
            ordered.account_manager,
            ordered.replaced_by,
            successors.successor,
            ordered.region as region_as_read,
            ordered.end_use as end_use_as_read,
            coalesce(
                ordered.unusable_reason,
                case
                    when ordered.position_among_equals > 1
                    then '{{ duplicate_reason("customer_id") }}'
                    when successors.is_without_end
                    then '{{ circle_reason() }}'
                end
            ) as rejection_reason,
            ordered.row_values,
            ordered.row_number
        from ordered
        left join written_alike on ordered.common_region || '_' || ordered.common_end_use = written_alike.segment
        left join successors on ordered.customer_id = successors.id
    ),

    accepted as (select customer_id from judged where rejection_reason is null)

-- What names an id counts for its last successor; where that was rejected, for nobody.
select judged.*, accepted.customer_id as counts_for
from judged
-- A condition on one side alone, beside the equality, would make DuckDB compare every row with every other.
left join
    accepted
    on case when judged.rejection_reason is null then coalesce(judged.successor, judged.customer_id) end
    = accepted.customer_id
