{{ config(materialized="view") }} {{ read_input("invoices") }}
