{#-
  Texts as they come out of an export, made comparable: what a person cannot see never decides what is the same.
  Patterns hold no backslash, so that every engine reads them alike.
-#}
{#- Characters that show nothing: control characters, blanks of every width, zero-width and soft characters, marks of the
    writing direction. A part of a pattern, between square brackets. -#}
{% macro invisible_characters() %}
    {{
        return(
            "\x01-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
            ~ "\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
        )
    }}
{% endmacro %}

{#- The same without the blank and the line break: what is taken out of the middle of an id. A blank may belong there, and a
    line break is a row's reason to be rejected. -#}
{% macro invisible_in_ids() %}
    {{ return(invisible_characters().replace("\x01-\x20", "\x01-\x09\x0b-\x1f")) }}
{% endmacro %}

{#- Whether a text is as it should be already: visible ASCII, a blank only inside. Nearly all are, and this is the
    cheapest way to know. -#}
{% macro is_plain_text(text) -%} regexp_matches({{ text }}, '^[!-~]([ -~]*[!-~])?$') {%- endmacro %}

{#- What exports write for "no value", database dumps and spreadsheets alike. Exactly these: `Null` is a surname, `NA` a
    region. -#}
{% macro is_a_word_for_nothing(text) -%}
    {{ text }} in (
        'NULL',
        'null',
        '(NULL)',
        '(null)',
        '<NULL>',
        '<null>',
        '<NA>',
        '#N/A',
        '#NV',
        '#NULL!',
        '#REF!',
        '#VALUE!',
        '#DIV/0!',
        '#NAME?',
        '#NUM!',
        chr(92) || 'N'
    )
{%- endmacro %}

{#- A value without invisible characters at its edges. -#}
{% macro clean_text(column) -%}
    {% set text = "cast(" ~ column ~ " as varchar)" %}
    {% set invisible = "[" ~ invisible_characters() ~ "]+" %}
    case
        when {{ is_plain_text(text) }}
        then {{ text }}
        else regexp_replace({{ text }}, '^{{ invisible }}|{{ invisible }}$', '', 'g')
    end
{%- endmacro %}

{#- The same for an id, which has none in its middle either, and is in composed form (NFC): é is one letter, however it is
    encoded. -#}
{% macro clean_id(column) -%}
    {% set text = "cast(" ~ column ~ " as varchar)" %}
    {% set invisible = "[" ~ invisible_characters() ~ "]+" %}
    case
        when {{ is_plain_text(text) }}
        then {{ text }}
        else
            nfc_normalize(
                regexp_replace({{ text }}, '^{{ invisible }}|{{ invisible }}$|[{{ invisible_in_ids() }}]+', '', 'g')
            )
    end
{%- endmacro %}

{#- What two spellings of one word have in common: 'North East', 'NORTH  EAST' and 'northeast' are one. -#}
{% macro spelling_key(text) -%}
    lower(nfc_normalize(regexp_replace({{ text }}, '[{{ invisible_characters() }}]', '', 'g')))
{%- endmacro %}

{#-
  Spellings of one word in a column of a relation with `unusable_reason`, and the one that stands for them all: the most
  frequent, then the first in order. Columns: spelling, common.
-#}
{% macro common_spellings(relation, column) %}
    select
        spelling,
        first_value(spelling) over (
            partition by {{ spelling_key("spelling") }} order by row_count desc, spelling
        ) as common
    from
        (
            select {{ column }} as spelling, count(*) as row_count
            from {{ relation }}
            where unusable_reason is null
            group by {{ column }}
        ) as spellings
{% endmacro %}
