/** Values for the chart's Release: what the program says, below what the stack says. */
import * as pulumi from "@pulumi/pulumi";
import { programValues, type ProgramValuesArgs, stackValues, type Values } from "../config/chartValues.ts";
import { isObject } from "../config/values.ts";

export interface ChartValuesArgs extends Omit<ProgramValuesArgs<pulumi.Input<string>>, "embedded"> {
    readonly source: { readonly embedded: boolean };
    readonly values: pulumi.Input<Values>;
}

/** All values of the Release. A plain stack stays readable in previews: only the passwords are secret. */
export function chartValues({ source, values, ...args }: ChartValuesArgs): pulumi.Input<Record<string, unknown>> {
    const own = programValues({
        ...args,
        embedded: source.embedded,
        postgresPassword: args.postgresPassword && pulumi.secret(args.postgresPassword),
        redisPassword: args.redisPassword && pulumi.secret(args.redisPassword),
    });
    return pulumi.Output.isInstance(values) || values instanceof Promise
        ? pulumi.output(values).apply((given) => stackValues(own, given, isTree))
        : stackValues(own, values, isTree);
}

function isTree(value: unknown): value is Record<string, unknown> {
    return isObject(value) && !pulumi.Output.isInstance(value);
}
