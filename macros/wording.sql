{#- What an account manager reads and says aloud. -#}
{% macro days_ago(days) -%}
    case {{ days }} when 0 then 'today' when 1 then '1 day ago' else {{ days }} || ' days ago' end
{%- endmacro %}

{#- By decimals, because engines format floats in different ways. -#}
{% macro two_decimals(ratio) -%}
    cast(cast(cast({{ ratio }} as decimal(18, 9)) as decimal(18, 2)) as string)
{%- endmacro %}

{% macro spoken_name(product, other_product) -%}
    {{ product }}.product_name || case
        when {{ product }}.product_name = {{ other_product }}.product_name
        then ' (' || {{ product }}.product_id || ')'
        else ''
    end
{%- endmacro %}

{#- Whom a sentence counts: the columns evidence and segment_words say it. -#}
{% macro compared_customers(similar, all) -%}
    case
        evidence
        when 'cluster'
        then '{{ similar }}'
        when 'segment'
        then segment_words || ' '
        when 'all'
        then '{{ all }}'
    end
    || 'customers'
{%- endmacro %}

{% macro reason() -%}
    case
        when triggered_by is not null
        then
            trigger_name
            || ' → '
            || spoken_name
            || ' (confidence '
            || {{ two_decimals("confidence") }}
            || ', support '
            || {{ two_decimals("support") }}
            || ')'
        else
            case
                when supporting_customers = 0
                then 'Not bought by anybody yet:'
                else {{ compared_customers("Similar ", "All ") }} || ' buy'
            end
            || ' '
            || spoken_name
            || ' ('
            || supporting_customers
            || ' of '
            || base_customers
            || ', share '
            || {{ two_decimals("support") }}
            || ')'
    end
{%- endmacro %}

{% macro explanation() -%}
    -- Only the end of the last step holds products without a buyer.
    case when supporting_customers > 0 then supporting_customers || ' of the ' else 'Nobody of the ' end
    || base_customers
    || ' '
    || {{ compared_customers("similar ", "") }}
    || case
        when triggered_by is not null
        then
            ' who bought '
            || trigger_name
            || ' also bought '
            || spoken_name
            || '; this customer bought '
            || trigger_name
            || ' '
            || trigger_bought
        else
            ' bought '
            || spoken_name
            || coalesce(
                '; this customer' || chr(39) || 's last purchase was ' || last_bought,
                '; this customer has no purchases on record yet'
            )
    end
    || '.'
{%- endmacro %}
