import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["node_modules/", "coverage/", "components/dist/", "tests/golden/"] },
    eslint.configs.recommended,
    ...tseslint.configs.recommendedTypeChecked,
    {
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            "@typescript-eslint/no-explicit-any": "error",
            "@typescript-eslint/no-floating-promises": "error",
            "@typescript-eslint/consistent-type-imports": "error",
            "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
            eqeqeq: "error",
        },
    },
    { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
    {
        files: ["tests/**/*.ts"],
        rules: {
            "max-lines": "off",
            "@typescript-eslint/no-unused-expressions": "off",
            "@typescript-eslint/no-floating-promises": [
                "error",
                { allowForKnownSafeCalls: [{ from: "package", name: ["it", "describe"], package: "node:test" }] },
            ],
        },
    },
);
