"""The style of pages on a phone and on paper; Streamlit's own is for a desktop screen."""

# Paper needs no menus, widgets and buttons; a phone has little space for headings.
STYLE = """
<style>
.stMainBlockContainer { padding-top: 4rem; }
.stPageLink a { padding-left: 0; }
.stPageLink a p { font-size: 1rem; }
.stPageLink a strong { color: #1f5fa8; }
h1 { font-size: 2.2rem !important; }
h2 { font-size: 1.6rem !important; }
h3 { font-size: 1.3rem !important; }
[data-testid="stMetricValue"] { font-size: 1.5rem; }
@media (max-width: 640px) {
    .stMainBlockContainer { padding: 4.5rem 1rem 2rem; }
    :is(.st-key-totals, .st-key-targets) [data-testid="stColumn"] { min-width: 45%; flex: 1 1 45%; }
    [data-testid="stMetricValue"] { font-size: 1.2rem; }
    .stColumn:has(> .stVerticalBlock:empty) { display: none; }
    h1 { font-size: 1.5rem !important; padding: 0.25rem 0 !important; }
    h2 { font-size: 1.2rem !important; padding: 0.5rem 0 0.25rem !important; }
    h3 { font-size: 1.05rem !important; }
}
@media print {
    .stApp header, .stSidebar, .stTextInput, .stTextArea, .stSelectbox, .stForm, .stButton, .stButtonGroup, .stPageLink,
    .stToast, [data-testid="stToolbar"], .stMultiSelect, .st-key-on-screen-only { display: none !important; }
    .stApp, .stMain, .stAppViewContainer { position: static !important; overflow: visible !important; }
    .stApp, .stMain, .stAppViewContainer { height: auto !important; }
    .stMainBlockContainer { padding: 0 !important; max-width: none !important; }
    [data-testid="stVerticalBlockBorderWrapper"], .stVerticalBlock > div { break-inside: avoid; }
}
</style>
"""
