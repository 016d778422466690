/** Rules over what brings requests to the web services: a key that has no effect, or not the meant one, is an error. */
import { type ControllerName, controllerOf, controllerOfClass, lacking, readerOf } from "../controllers.ts";
import { keyPath, remove, set } from "../errors/commands.ts";
import { hostsServing } from "../exposure.ts";
import { type ServiceKeyOf, webServices } from "../services/index.ts";
import { hasIngresses, hasIngressesAlone, onExposed } from "./exposed.ts";
import { invalid, type Rule, valid } from "./rule.ts";

/** ingress-nginx refuses other characters, such as those of a pattern, in paths of the types Prefix and Exact. */
const pathsAreOfNginx = onExposed(hasIngresses, ({ controller, hosts }, key) =>
    (controller === "nginx" ? hosts : []).flatMap(({ paths }, index) =>
        paths.flatMap(({ path, pathType }, at) => {
            const place = `${key}.hosts[${index}].paths[${at}].pathType`;
            return pathType === "ImplementationSpecific" || /^[\w./-]*$/.test(path)
                ? valid
                : invalid(
                      place,
                      `is ${pathType}, and the path ${path} has more than letters, digits and ._-/: nginx takes such a ` +
                          "path with ImplementationSpecific only",
                      set(place, "ImplementationSpecific"),
                  );
        }),
    ),
);

/** With a rewrite the controller takes every path for a regular expression; a group that is not there is left empty. */
const pathsAreRewritten = onExposed(hasIngressesAlone, ({ rewriteTarget, hosts }, key) => {
    if (rewriteTarget === undefined) return valid;
    const wanted = Math.max(0, ...[...rewriteTarget.matchAll(/\$(\d)/g)].map(([, group]) => Number(group)));
    return hosts.flatMap(({ paths }, index) =>
        paths.flatMap(({ path, pathType }, at) => {
            const place = `${key}.hosts[${index}].paths[${at}]`;
            if (pathType !== "ImplementationSpecific")
                return invalid(
                    `${place}.pathType`,
                    `is ${pathType}, and ${key}.rewriteTarget takes regular expressions`,
                    set(`${place}.pathType`, "ImplementationSpecific"),
                );
            const groups = groupsOf(path);
            if (groups === undefined)
                return invalid(`${place}.path`, `is ${path}, no regular expression`, set(`${place}.path`, "<path>"));
            return groups >= wanted
                ? valid
                : invalid(
                      `${place}.path`,
                      `is ${path}, which has no group ${wanted} for ${key}.rewriteTarget (${rewriteTarget})`,
                      set(`${place}.path`, "<path>"),
                  );
        }),
    );
});

/** How many groups a regular expression has; undefined where the text is none. */
function groupsOf(text: string): number | undefined {
    try {
        // Beside an empty alternative it matches anything, and the match lists its groups.
        return new RegExp(`${text}|`).exec("")!.length - 1;
    } catch {
        return undefined;
    }
}

const rangesAreOfBalancer =
    (service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) => {
        const { enabled, service: own } = settings[service];
        const key = `${service}.service.sourceRanges`;
        return !enabled || own.type === "LoadBalancer" || own.sourceRanges.length === 0
            ? valid
            : invalid(key, `has no effect: ${service}.service.type is ${own.type}`, remove(key));
    };

const hostsAreCalled: Rule = ({ settings }) => {
    const { enabled, hosts } = settings.smokeTest;
    if (enabled && hosts.enabled) {
        const asked = webServices.flatMap((key) => {
            const service = settings[key];
            return service.enabled && !service.paused ? hostsServing(service, service.readinessProbe.path) : [];
        });
        return asked.length > 0
            ? valid
            : invalid(
                  "smokeTest.hosts.enabled",
                  "is true, and no host serves the path of a readiness probe",
                  set("smokeTest.hosts.enabled", false),
              );
    }
    return hosts.enabled || hosts.connectTo === undefined
        ? valid
        : invalid(
              "smokeTest.hosts.connectTo",
              "has no effect: smokeTest.hosts.enabled is false",
              set("smokeTest.hosts.enabled", true),
          );
};

const classIsNamed = onExposed(hasIngresses, ({ controller, className }, key) => {
    const place = `${key}.className`;
    if (controller === "none" && className === undefined)
        return invalid(place, `is missing, and ${key}.controller is none`, set(place, "<className>"));
    // With none, the stack writes the annotations itself: those of nginx.org/, say, whose class is nginx too.
    const isOwn = controller === "none" || (className ?? "").split("-").includes(controller);
    const other = controllerOfClass(className ?? "");
    if (isOwn || other === undefined) return valid;
    if (other === "other")
        return invalid(
            place,
            `is ${className}, whose controller does not read the annotations of ${controller}: with none, the program writes none`,
            set(`${key}.controller`, "none"),
        );
    // A controller other than the default is meant; then the class is what was forgotten.
    const fix = controller === "nginx" ? set(`${key}.controller`, other) : set(place, controller);
    return invalid(place, `is ${className}, and ${key}.controller is ${controller}`, fix);
});

const annotationsAreOfController = onExposed(hasIngresses, ({ annotations, controller }, key) =>
    Object.keys(annotations).flatMap((name) => {
        const reader = readerOf(name);
        const place = keyPath([...key.split("."), "annotations", name]);
        return reader === undefined || reader === controller || controller === "none"
            ? valid
            : invalid(place, `is read by ${reader}, and ${key}.controller is ${controller}`, remove(place));
    }),
);

const controllerHasFeatures = onExposed(hasIngresses, (ingress, key) =>
    lacking(ingress.controller, { streams: false, ...ingress }).flatMap((feature) =>
        invalid(
            `${key}.${feature}`,
            `has no effect: ${described(ingress.controller)} no annotation for it`,
            remove(`${key}.${feature}`),
        ),
    ),
);

const timeoutIsTaken = onExposed(hasIngresses, ({ controller, timeoutSeconds = 0 }, key) => {
    const { longestTimeoutSeconds: longest = Infinity } = controllerOf(controller);
    return timeoutSeconds <= longest
        ? valid
        : invalid(
              `${key}.timeoutSeconds`,
              `is ${timeoutSeconds}: the controller ${controller} takes ${longest} at most`,
              set(`${key}.timeoutSeconds`, longest),
          );
});

function described(controller: ControllerName): string {
    return controller === "none" ? "for controller none the program writes" : `the controller ${controller} has`;
}

/** Policies let in the pods of a namespace; a load balancer of a cloud is none of them. */
const proxiesAreLetIn =
    (service: ServiceKeyOf<"web">): Rule =>
    (configuration) =>
        onExposed(
            (settings) =>
                hasIngresses(settings) &&
                settings[service].networkPolicy.enabled &&
                settings.networkPolicy.ingressCidrs.length === 0,
            ({ controller }, key) =>
                controllerOf(controller).outside
                    ? invalid(
                          "networkPolicy.ingressCidrs",
                          `is empty: requests of ${key}.controller ${controller} come from outside of the cluster`,
                          set("networkPolicy.ingressCidrs[0]", "<cidr>"),
                      )
                    : valid,
        )(service)(configuration);

export const exposureRules: readonly Rule[] = [
    hostsAreCalled,
    ...webServices.flatMap((service) =>
        [
            pathsAreOfNginx,
            classIsNamed,
            annotationsAreOfController,
            controllerHasFeatures,
            timeoutIsTaken,
            pathsAreRewritten,
            rangesAreOfBalancer,
            proxiesAreLetIn,
        ].map((rule) => rule(service)),
    ),
];
