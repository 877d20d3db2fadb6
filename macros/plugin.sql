{#-
  The way to ipre/run, and what decides whether it is taken. Nothing here needs another file of macros.
-#}
{#- A `dbt retry` is called what it retries. -#}
{% macro is_build() %} {{ return(execute and flags.WHICH in ["build", "run"]) }} {% endmacro %}

{#- What is tried with the target `dev` is not for readers. -#}
{% macro publish_dir() %}
    {% set wanted = "" if publish_store() else env_var("IPRE_PUBLISH_DIR", "") %}
    {{ return(wanted or ("published_dev" if target.name == "dev" else "published")) }}
{% endmacro %}

{% macro publish_store() %}
    {% set wanted = env_var("IPRE_PUBLISH_DIR", "") %} {{ return(wanted if "://" in wanted else "") }}
{% endmacro %}

{% macro refuse(reason) %} {% do call_plugin("refuse", {"reason": reason}) %} {% endmacro %}
