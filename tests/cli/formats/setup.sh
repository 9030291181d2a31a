#!/bin/sh
# Installs what judges the reports: Microsoft's validator of SARIF (with the rules of GitHub's ingestion), the validator
# of reviewdog's format, and those of JSON Schema and XSD; the schema of JUnit's reports is in pytest's sources.
set -eu
. "$(dirname "$0")/../need.sh"

cd "$1"
pypi fastjsonschema==2.21.2 xmlschema==4.3.2
python/bin/pip download --quiet --disable-pip-version-check --no-deps --no-binary pytest pytest==8.4.2
tar -xzf pytest-8.4.2.tar.gz --strip-components=3 pytest-8.4.2/testing/example_scripts/junit-10.xsd
npm_packages \
    @microsoft/sarif-multitool-linux@5.7.0 @umbrelladocs/rdformat-validator@1.0.1
chmod +x node/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
