{#- What an account manager reads and says aloud. -#}
{#- SQL of a day in spoken words, counted to as_of.said_on: 'today', 'yesterday', '60 days ago'; from two months on, or
    where that is null, 'in May 2025'; of null null. The model as_of must be there under its name. `today` is said only
    of the day on which it is said. -#}
{% macro when_said(day) -%}
    case
        when {{ days_between(day, "as_of.said_on") }} = 0
        then 'today'
        when {{ days_between(day, "as_of.said_on") }} = 1
        then 'yesterday'
        when {{ days_between(day, "as_of.said_on") }} <= 60
        then {{ days_between(day, "as_of.said_on") }} || ' days ago'
        else 'in ' || {{ month_and_year(day) }}
    end
{%- endmacro %}

{#- SQL of a day's month in words: 'May 2025'. -#}
{% macro month_and_year(day) -%}
    {% set months = "January February March April May June July August September October November December" %}
    case
        extract(month from {{ day }})
        {% for name in months.split() %} when {{ loop.index }} then '{{ name }} ' {% endfor %}
    end
    || extract(year from {{ day }})
{%- endmacro %}

{#- SQL of a ratio as text with two decimals, half rounded up: 0.125 gives '0.13'. By decimals, because engines format
    floats in different ways. -#}
{% macro two_decimals(ratio) -%}
    cast(cast(cast({{ ratio }} as decimal(18, 9)) as decimal(18, 2)) as string)
{%- endmacro %}

{#- SQL of a product's name, with its id where the product beside it has the same name. Both arguments are aliases of
    products; the other one may have nulls. -#}
{% macro spoken_name(product, other_product) -%}
    {{ product }}.product_name || case
        when {{ product }}.product_name = {{ other_product }}.product_name
        then ' (' || {{ product }}.product_id || ')'
        else ''
    end
{%- endmacro %}

{#- SQL of whom a sentence counts, by the columns compared_with and segment_words: 'similar customers', 'North Painting
    customers', 'customers'. similar, all: what stands before `customers` for the cluster and for everyone. -#}
{% macro compared_customers(similar, all) -%}
    case
        compared_with
        when 'cluster'
        then '{{ similar }}'
        when 'segment'
        then segment_words || ' '
        when 'all'
        then '{{ all }}'
    end
    || 'customers'
{%- endmacro %}

{#- SQL of why, in short. Reads the columns source, evidence, compared_with, trigger_name, spoken_name, l3_category,
    last_month, confidence, support, supporting_customers, base_customers and segment_words. -#}
{% macro reason() -%}
    case
        when evidence <> 'popular'
        then
            coalesce(trigger_name, 'Category ' || l3_category)
            || ' → '
            || spoken_name
            || case evidence when 'bought_lately' then ' in ' || last_month else '' end
            || ' (confidence '
            || {{ two_decimals("confidence") }}
            || ', support '
            || {{ two_decimals("support") }}
            || ')'
        else
            case when source = 'pinned' then 'Pinned. ' else '' end || case
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

{#- SQL of how many bought it, of whom: '13 of the 20 similar customers'. -#}
{% macro counted_buyers() -%}
    supporting_customers || ' of the ' || base_customers || ' ' || {{ compared_customers("similar ", "") }}
{%- endmacro %}

{#- SQL of why, as one sentence. Reads the columns of reason, and triggered_by, trigger_bought and last_bought. Only a pin
    and the end of the last step show products without a buyer. What is pinned is there because somebody chose it, so
    its sentence begins with that. -#}
{% macro explanation() -%}
    case
        when evidence = 'same_aisle'
        then
            {{ counted_buyers() }}
            || ' who buy from the category '
            || l3_category
            || ' bought '
            || spoken_name
            || '; this customer buys from it, too'
        when triggered_by is not null
        then
            {{ counted_buyers() }}
            || ' who bought '
            || trigger_name
            || case evidence when 'bought_lately' then ' in ' || last_month else '' end
            || ' also bought '
            || spoken_name
            || case evidence when 'bought_lately' then ' that month' else '' end
            || '; this customer bought '
            || trigger_name
            || ' '
            || trigger_bought
        when source = 'pinned'
        then
            spoken_name
            || ' is our pick for this customer; '
            || case
                when supporting_customers = 0
                then 'no customer has bought it so far'
                else {{ counted_buyers() }} || ' bought it'
            end
        else
            case
                when supporting_customers = 0
                then 'No customer has bought ' || spoken_name || ' so far'
                else {{ counted_buyers() }} || ' bought ' || spoken_name
            end || coalesce(
                '; this customer' || chr(39) || 's last purchase was ' || last_bought,
                '; this customer has no purchases on record yet'
            )
    end
    || '.'
{%- endmacro %}

{#- SQL of an interval as spoken words: 1 gives 'about every day', 10.5 'about every 11 days'. Halves are rounded up,
    as the due date is. -#}
{% macro about_every(days) -%}
    'about every ' || case when {{ days }} <= 1 then 'day' else cast(ceil({{ days }}) as bigint) || ' days' end
{%- endmacro %}

{#- SQL of a chance as people read it, a word with its number: 0.625 gives 'likely, 63%'; null without a chance. -#}
{% macro likelihood(chance) -%}
    case
        when {{ chance }} >= 0.75
        then 'very likely'
        when {{ chance }} >= 0.5
        then 'likely'
        when {{ chance }} >= 0.25
        then 'possible'
        else 'unlikely'
    end
    || ', '
    || cast(round(100 * {{ chance }}) as integer)
    || '%'
{%- endmacro %}

{#- SQL of the sentence of reorders_due. pair: alias of a row of reorder_chances with product_name, suggested_quantity
    and, where there is a rhythm, usual_interval_days. -#}
{% macro reorder_sentence(pair) -%}
    'This customer bought '
    || {{ pair }}.product_name
    || case
        when {{ pair }}.last_order_days = 1
        then ' on its only order day'
        when {{ pair }}.on_last_order_days > 0
        then ' on ' || {{ pair }}.on_last_order_days || ' of its last ' || {{ pair }}.last_order_days || ' order days'
        when {{ pair }}.purchases = 1
        then ' on one day'
        else ' on ' || {{ pair }}.purchases || ' days'
    end
    || ', usually '
    || {{ pair }}.suggested_quantity
    || case {{ pair }}.suggested_quantity when 1 then ' unit' else ' units' end
    || ', most recently '
    || {{ when_said(pair ~ ".last_purchase_date") }}
    || coalesce('; it reorders ' || {{ about_every(pair ~ ".usual_interval_days") }}, '')
    || '.'
{%- endmacro %}

{#- SQL of the sentence of lost_products. pair: alias of a row with the rhythm, the names of both products and when it
    was replaced. -#}
{% macro lost_sentence(pair) -%}
    'This customer bought '
    || {{ pair }}.spoken_name
    || ' '
    || {{ about_every(pair ~ ".usual_interval_days") }}
    || ', most recently '
    || {{ when_said(pair ~ ".last_purchase_date") }}
    || '; '
    || case
        when {{ pair }}.replaced_by is null
        then 'it has ordered other products since'
        else
            'it has bought '
            || {{ pair }}.spoken_replacement
            || ' since, for the first time '
            || {{ when_said(pair ~ ".replaced_on") }}
    end
    || '.'
{%- endmacro %}

{#- SQL of the sentence of account_brief: how the customer orders, what it may buy again, what it no longer buys. -#}
{% macro brief_sentence() -%}
    case
        when order_days = 0
        then 'This customer has not ordered yet.'
        when order_days = 1
        then 'This customer has ordered on one day, ' || {{ when_said("last_order_date") }} || '.'
        when order_days = 2
        then 'This customer has ordered on two days, most recently ' || {{ when_said("last_order_date") }} || '.'
        else
            'This customer orders '
            || {{ about_every("usual_order_interval_days") }}
            || '; the last order was '
            || {{ when_said("last_order_date") }}
            || '.'
    end || case
        when reorders_due = 1
        then ' It may reorder 1 product: ' || top_reorder || '.'
        when reorders_due > 1
        then ' It may reorder ' || reorders_due || ' products, most likely ' || top_reorder || '.'
        else ''
    end
    || case
        when lost_products = 1
        then ' It no longer buys 1 product that it used to buy: ' || top_lost || '.'
        when lost_products > 1
        then ' It no longer buys ' || lost_products || ' products that it used to buy, mainly ' || top_lost || '.'
        else ''
    end
{%- endmacro %}
