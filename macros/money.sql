{#- Money is decimals with two digits: a sum of floats depends on the order of adding. -#}
{#- SQL of an amount as decimal(18, 2), rounded half up; null for what no price list holds, 10^16 and more. -#}
{% macro money(amount) -%} try_cast({{ amount }} as decimal(18, 2)) {%- endmacro %}

{#- Pattern of the signs, codes and words of currencies that a price may be written with, before or behind it, in lower
    case. -#}
{% macro currencies() %}
    {% set signs = "[a-z]{0,3}[$\u20ac\u00a3\u00a5\u20b9\u20bd\u20a9\u20aa\u20ab\u20b1\u20ba\u20b4\u20a6\u0e3f]" %}
    {% set codes = (
        "usd eur gbp chf jpy cny rmb aud nzd cad sek nok dkk isk pln czk huf ron bgn try rub uah ils inr pkr brl mxn ars "
        ~ "clp cop pen zar ngn kes egp mad aed sar qar kwd thb vnd idr myr sgd hkd twd krw php euro"
    ) %}
    {% set words = "kr[.]? k\u010d z\u0142 ft lei rs[.]? fr[.]? sfr[.]? \u0440\u0443\u0431[.]?" %}
    {{ return(([signs] + codes.split() + words.split()) | join("|")) }}
{% endmacro %}

{#- SQL of the currency that a price is written with, one name for each; null without one. '$ 12.50' gives 'usd'. -#}
{% macro currency_of(price) -%}
    {% set found = "regexp_extract(lower(" ~ price ~ "), " ~ sql_literal(currencies()) ~ ", 0)" %}
    case
        when {{ found }} in ('$', 'us$')
        then 'usd'
        when {{ found }} in ({{ texts_in_sql(["\u20ac", "euro"]) }})
        then 'eur'
        when {{ found }} = {{ sql_literal("\u00a3") }}
        then 'gbp'
        else nullif({{ found }}, '')
    end
{%- endmacro %}

{#- SQL of a price in lower case, without its currency and without the dash of whole ones. 'EUR 12,50' gives '12,50',
    '12,-' gives '12'. -#}
{% macro bare_amount(price) -%}
    {% set blanks = "[ \u00a0\u2007\u2009\u202f]*" %}
    {% set edges = "^(" ~ currencies() ~ ")" ~ blanks ~ "|" ~ blanks ~ "(" ~ currencies() ~ ")$" %}
    {{ replace_all(replace_all("lower(" ~ price ~ ")", edges, ""), "[.,:][-\u2013\u2014]+$", "") }}
{%- endmacro %}

{#- SQL of the number of an amount as bare_amount gives it; null where it is none, or where its one separator may be a
    thousand's as well as a decimal one (1,299; ipre/run/inputs.py refuses such a column). '1,299.00' gives 1299,
    '12,50' gives 12.5. No price is infinite or not a number. -#}
{% macro parse_amount(amount) -%}
    {% set blanks = "[ \u00a0\u2007\u2009\u202f\u0027\u2019]" %}
    {% set spaced = sql_literal("^[0-9]{1,3}(" ~ blanks ~ "[0-9]{3})+([.,][0-9]+)?$") %}
    case
        when regexp_extract({{ amount }}, '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]+)?$', 0) <> ''
        then case when abs(try_cast({{ amount }} as double)) <= 1.797e308 then try_cast({{ amount }} as double) end
        when regexp_extract({{ amount }}, '^[0-9]{1,3}((,[0-9]{2,3})+[.][0-9]+|(,[0-9]{3}){2,})$', 0) <> ''
        then try_cast(replace({{ amount }}, ',', '') as double)
        when regexp_extract({{ amount }}, '^[0-9]{1,3}(([.][0-9]{3})+,[0-9]+|([.][0-9]{3}){2,})$', 0) <> ''
        then try_cast(replace(replace({{ amount }}, '.', ''), ',', '.') as double)
        when regexp_extract({{ amount }}, {{ spaced }}, 0) <> ''
        then try_cast(replace({{ replace_all(amount, blanks, "") }}, ',', '.') as double)
        when regexp_extract({{ amount }}, '^(0?,[0-9]+|[0-9]+,[0-9]{1,2}|[0-9]+,[0-9]{4,}|[0-9]{4,},[0-9]+)$', 0) <> ''
        then try_cast(replace({{ amount }}, ',', '.') as double)
    end
{%- endmacro %}

{#- SQL of what a quantity of up to 4 decimals is worth at a price of decimal(18, 6): 3 units at 0.335 are 1.01,
    rounded half up. Null without a price. -#}
{% macro value_of(quantity, unit_price) -%}
    {{ money("cast(" ~ quantity ~ " as decimal(18, 4)) * " ~ unit_price) }}
{%- endmacro %}
