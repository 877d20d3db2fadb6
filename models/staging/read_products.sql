{{ config(materialized="view") }} {{ read_input("products") }}
