{{ config(materialized="view") }} {{ read_input("feedback") }}
