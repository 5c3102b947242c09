/** Any JSON: what keys and values of a ledger are. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
