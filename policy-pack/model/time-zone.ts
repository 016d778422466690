/** Names of time zones as the API server takes them: those of the IANA database, in their own case. */

/** Names without a slash, aliases all. They change no more: new names have an area. */
const single = new Set(
    (
        "CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong Iceland Iran " +
        "Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROC ROK " +
        "Singapore Turkey UCT UTC Universal W-SU WET Zulu"
    ).split(" "),
);
const areas =
    /^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US)\//;
/** Words of an alias with an area: Port_of_Spain, McMurdo, East-Saskatchewan; and states of Australia. */
const words = /^(\/[A-Z][A-Za-z]*([_-]([A-Z][A-Za-z]*|of|es|au|de|la))*)+$/;
const states = /^Australia\/(ACT|LHI|NSW)$/;

/**
 * Whether the API server takes a name. Intl knows names in any case and gives the usual name for an alias, so that the
 * case of a usual name can be compared, and that of an alias has to look like a name.
 */
export function isTimeZone(name: string): boolean {
    let isOne = zones.get(name);
    if (isOne === undefined) zones.set(name, (isOne = lookUp(name)));
    return isOne;
}

/** Asking Intl takes a hundred times as long as everything else about an object. */
const zones = new Map<string, boolean>();

function lookUp(name: string): boolean {
    const known = usualName(name);
    if (known === undefined || known === name) return known === name && !/^[+-]/.test(name);
    if (known.toLowerCase() === name.toLowerCase()) return false;
    if (!name.includes("/")) return single.has(name);
    const rest = name.slice(name.indexOf("/"));
    if (!areas.test(name)) return false;
    if (name.startsWith("Etc/")) return /^\/(GMT([+-]?\d+)?|UCT|UTC|Greenwich|Universal|Zulu)$/.test(rest);
    return states.test(name) || (words.test(rest) && !/[A-Z]{3}/.test(rest));
}

/** The name that Intl uses for a zone; `undefined` where it knows none. */
function usualName(name: string): string | undefined {
    try {
        return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
    } catch {
        return undefined;
    }
}
