/** What the forms of fields share. */
import type { FormName } from "./formats.ts";

/** A part of JSON Schema, with the keyword `form` of `schema.ts`. */
type Form = Readonly<Record<string, unknown>>;

/** JSON Schema by definition and field. */
export type Forms = Readonly<Record<string, Readonly<Record<string, Form>>>>;

export const form = (form: FormName): Form => ({ form });
export const PORT = { minimum: 1, maximum: 65535 };
export const COUNT = { minimum: 0 };
export const POSITIVE = { minimum: 1 };
export const AMOUNTS = {
    propertyNames: form("resource-name"),
    additionalProperties: { is: "api.resource.Quantity", ...form("amount") },
};
export const LABELS = {
    propertyNames: form("label-key"),
    additionalProperties: { type: "string", ...form("label-value") },
};
export const NOT_EMPTY = { minItems: 1 };
