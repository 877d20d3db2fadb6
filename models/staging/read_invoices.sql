{{ read_input("invoices") }}
