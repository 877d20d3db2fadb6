{#-
  Texts as they come out of an export, made comparable: what a person cannot see never decides what is the same.
  Patterns hold no backslash, so that every engine reads them alike. At the end, what makes a text safe inside SQL.
-#}
{#- Characters that show nothing, as part of a pattern between square brackets: control characters, blanks of every
    width, zero-width and soft characters, marks of the writing direction. -#}
{% macro invisible_characters() %}
    {{
        return(
            "\x01-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
            ~ "\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
        )
    }}
{% endmacro %}

{#- SQL: whether a text is visible ASCII with blanks only inside. 'Oak 4x4' is, ' Oak' and 'Café' are not. Nearly all
    texts are, and this is the cheapest way to know that nothing is to be done. -#}
{% macro is_plain_text(text) -%} regexp_extract({{ text }}, '^[!-~]([ -~]*[!-~])?$', 0) <> '' {%- endmacro %}

{#- SQL: whether a text is what exports write for no value: exactly these, as databases, spreadsheets, pandas and R
    write them. In a free text, which may be a name, `Null` is a surname and `NA` a region. Most texts are longer than
    any of them. -#}
{% macro is_a_word_for_nothing(text, is_free_text=true) -%}
    {% set words = "nan NaN None NaT NULL null (NULL) (null) <NULL> <null> <NA> #N/A #NV #NULL! #REF! #VALUE!" %}
    {% set words = words ~ " #DIV/0! #NAME? #NUM!" %}
    {% set words = words if is_free_text else words ~ " NA na N/A n/a NAN Nan none nil Null" %}
    length({{ text }}) < 8 and {{ text }} in ('{{ words.split() | join("', '") }}', chr(92) || 'N')
{%- endmacro %}

{#- SQL of a value as text, without invisible characters at its edges. ' Oak 4x4 ' gives 'Oak 4x4'. is_id: nor
    anywhere else, and in composed form (NFC). Inside an id a blank may belong there, and a line break is a row's reason
    to be rejected: both stay. -#}
{% macro clean_text(column, is_id=false) -%}
    {% set text = "cast(" ~ column ~ " as string)" %}
    {% set invisible = invisible_characters() %}
    {% set edges = "^[" ~ invisible ~ "]+|[" ~ invisible ~ "]+$" %}
    {% set inside = "|[" ~ invisible.replace("\x01-\x20", "\x01-\x09\x0b-\x1f") ~ "]+" %}
    case
        when {{ is_plain_text(text) }}
        then {{ text }}
        else {{ composed(replace_all(text, edges ~ inside, "")) if is_id else replace_all(text, edges, "") }}
    end
{%- endmacro %}

{#- SQL of an id as text. -#}
{% macro clean_id(column) -%} {{ clean_text(column, is_id=true) }} {%- endmacro %}

{#- SQL of what ids have in common that differ only in case or leading zeros, as other systems write them. Such ids stay
    two: 010 and 10 may be. 'A10' and '0a10' give 'a10'. -#}
{% macro bare_id(id) -%} trim(leading '0' from lower({{ id }})) {%- endmacro %}

{#- SQL of what two spellings of one word have in common. 'North East' and 'NORTH EAST' give 'northeast'. -#}
{% macro spelling_key(text) -%}
    lower({{ composed(replace_all(text, "[" ~ invisible_characters() ~ "]", "")) }})
{%- endmacro %}

{#- SQL, in a query grouped by the column: of all spellings of its word the one that stands for them, the most
    frequent, then the first. -#}
{% macro common_spelling(column) -%}
    first_value({{ column }}) over (partition by {{ spelling_key(column) }} order by count(*) desc, {{ column }})
{%- endmacro %}
