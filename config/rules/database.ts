/** Rules over the database. */
import { databaseImage } from "../database.ts";
import { keyPath, set } from "../errors/commands.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const off = set("database.roles.enabled", false);

const rolesAreMade: Rule = ({ settings: { database, databaseMigration }, secrets: { databaseUrl } }) => {
    if (database.roles.enabled !== true) return valid;
    if (databaseUrl !== undefined)
        return invalid(
            "database.roles.enabled",
            "is true, but the database is outside the cluster (databaseUrl): its roles are its operator's",
            off,
        );
    return databaseMigration.enabled
        ? valid
        : invalid("database.roles.enabled", "is true, but databaseMigration.enabled is false: its Job makes them", off);
};

/** The step that makes the roles needs psql. */
const imageIsKnown: Rule = ({ settings: { chart, database, imageRegistry } }) => {
    if (database.roles.enabled !== true || databaseImage(chart, imageRegistry) !== undefined) return valid;
    return ["repository", "tag"].flatMap((name) => {
        const key = keyPath(["chart", "values", "postgresql", "image", name]);
        return invalid(key, "is missing: database.roles needs an image with psql", set(key, `<${name}>`));
    });
};

export const databaseRules: readonly Rule[] = [rolesAreMade, imageIsKnown];
