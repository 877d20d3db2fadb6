{{ config(materialized="view") }} {{ read_input("customers") }}
