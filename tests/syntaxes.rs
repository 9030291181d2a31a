//! The ways in which people write credentials down: each is found, as one pair or as a lone secret, whatever its
//! values are.
//!
//! In a template `<k>` is the key ID and `<s>` the secret; the other names are encodings of them, listed in `parts`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::detect::found::Credential;
use keyward::examine::Examiner;
use keyward::prefilter::Prefilter;

/// Fresh values that each template is tried with.
const SEEDS: u64 = 5;

/// A pair, in the words of many tools and languages.
const PAIRS: [&str; 65] = [
    "setx AWS_ACCESS_KEY_ID \"<k>\"\nsetx AWS_SECRET_ACCESS_KEY \"<s>\"\n",
    "setenv AWS_ACCESS_KEY_ID <k>\nsetenv AWS_SECRET_ACCESS_KEY <s>\n",
    "ec2_access_key: <k>\nec2_secret_key: <s>\n",
    ".set(\"fs.s3a.access.key\", \"<k>\")\n.set(\"fs.s3a.secret.key\", \"<s>\")\n",
    "spark.hadoop.fs.s3a.access.key <k>\nspark.hadoop.fs.s3a.secret.key <s>\n",
    "fs.s3n.awsAccessKeyId=<k>\nfs.s3n.awsSecretAccessKey=<s>\n",
    "knife[:aws_access_key_id] = \"<k>\"\nknife[:aws_secret_access_key] = \"<s>\"\n",
    "access_key_id => \"<k>\"\nsecret_access_key => \"<s>\"\n",
    "aws_key_id <k>\naws_sec_key <s>\n",
    "SET s3_access_key_id='<k>'; SET s3_secret_access_key='<s>';",
    "CREATE SECRET (TYPE S3, KEY_ID '<k>', SECRET '<s>');",
    "SELECT * FROM s3('https://b.s3.amazonaws.com/x','<k>','<s>','CSV')",
    "hive.s3.aws-access-key=<k>\nhive.s3.aws-secret-key=<s>\n",
    "[{\"key\":\"accessKey\",\"value\":\"<k>\"},{\"key\":\"secretKey\",\"value\":\"<s>\"}]",
    "ACCESSKEY\t<k>\t2024-01-01T00:00:00+00:00\t<s>\tActive\tbob\n",
    "{\"Code\":\"Success\",\"Type\":\"AWS-HMAC\",\"AccessKeyId\":\"<k>\",\"SecretAccessKey\":\"<s>\",\"Token\":\"x\"}",
    "Sys.setenv(\"AWS_ACCESS_KEY_ID\" = \"<k>\",\n \"AWS_SECRET_ACCESS_KEY\" = \"<s>\")",
    "config :ex_aws, access_key_id: \"<k>\", secret_access_key: \"<s>\"",
    "{:access-key \"<k>\" :secret-key \"<s>\"}",
    "Environment=\"AWS_ACCESS_KEY_ID=<k>\" \"AWS_SECRET_ACCESS_KEY=<s>\"\n",
    "docker run -e AWS_ACCESS_KEY_ID=<k> -e AWS_SECRET_ACCESS_KEY=<s> img",
    "access_key_id: >-\n  <k>\nsecret_access_key: >-\n  <s>\n",
    "aws_access_key_id: |\n    <k>\naws_secret_access_key: |\n    <s>\n",
    "[\"<k>\",\"<s>\"]",
    "curl -u <k>:<s> https://x\n",
    "Authorization: Basic <basic>\n",
    "AWSCredentials(accessKey=<k>, secretKey=<s>)",
    "{<k> <s> }",
    "echo -e \"<k>\\n<s>\" > ~/.passwd-s3fs\n",
    "{\"f\":\"[default]\\naws_access_key_id = <k>\\naws_secret_access_key = <s>\\n\"}",
    "{\"f\":\"<k>\\n<s>\\n\"}",
    "<input name=\"accessKey\" value=\"<k>\"><input name=\"secretKey\" value=\"<s>\">",
    "\\texttt{<k>} and \\texttt{<s>}\n",
    "key ``<k>``, secret ``<s>``\n",
    "\"User name\";\"Access key ID\";\"Secret access key\"\n\"bob\";\"<k>\";\"<s>\"\n",
    "bob\t<k>\t<s>\n",
    "<k>;<s>\n",
    "<k>|<s>\n",
    "https://x.example/?access_key_id=<k>&secret_access_key=<sq>&region=us-east-1\n",
    "aws.accessKeyId\\=<k>\naws.secretKey\\=<s>\n",
    "Const k = \"<k1>\" & _\n   \"<k2>\"\nConst s = \"<s1>\" & _\n   \"<s2>\"\n",
    "my $k = '<k1>' . '<k2>';\nmy $secret_key = '<s1>' . '<s2>';\n",
    "const k = \"<k1>\" + \"<k2>\", secretKey = \"<s1>\" +\n \"<s2>\";\n",
    "AWS_SECRET_ACCESS_KEY = ('<s1>'\n    '<s2>')\nAWS_ACCESS_KEY_ID = ('<k1>'\n  '<k2>')\n",
    "Content-Transfer-Encoding: quoted-printable\n\naws_access_key_id=3D<k>\naws_secret_access_key=3D<qp>\n",
    "<cred id=\"<k>\" secret=\"<sx>\"/>",
    "{\"AccessKeyId\":\"<k>\",\"SecretAccessKey\":\"<su>\"}",
    "{\"a\":\"{\\\"b\\\":\\\"{\\\\\\\"AccessKeyId\\\\\\\":\\\\\\\"<k>\\\\\\\",\\\\\\\"SecretAccessKey\\\\\\\":\\\\\\\"<s>\\\\\\\"}\\\"}\"}",
    "next=https%253A%252F%252Fx%253Faccess_key%253D<k>%2526secret_key%253D<sq2>\n",
    "{\"data\":\"<jb>\"}",
    "data: |\n<wrap>\n",
    "-----BEGIN CONFIG-----\n<wrap64>\n-----END CONFIG-----\n",
    "x: <bb>\n",
    "data:text/plain;base64,<ini64>\n",
    "diff --git a/x b/x\n+<k>\n+<s>\n",
    "+<k>,<s>\n",
    "> aws_access_key_id = <k>\n> aws_secret_access_key = <s>\n",
    "INSERT INTO t VALUES ('<k>', 'us-east-1', '<s>');",
    "Aws.config[:credentials] = Aws::Credentials.new(\n  '<k>', # key\n  '<s>'  # secret\n)",
    "val creds = StaticCredentialsProvider { accessKeyId = \"<k>\"; secretAccessKey = \"<s>\" }",
    "aws_access_key <k>;\naws_secret_key <s>;\n",
    "aws = {\n  id     = \"<k>\"\n  secret = \"<s>\"\n}\n",
    "| key | value |\n|--|--|\n| id | `<k>` |\n| secret | `<s>` |\n",
    "environ({'AWS_ACCESS_KEY_ID': '<k>', 'AWS_SECRET_ACCESS_KEY': '<s>'})",
    "b'<k>:<s>'\n",
];

/// A secret without its key ID.
const LONE: [&str; 26] = [
    "\"secret_access_key\\x3D<su>\"\n\"next\"\n",
    "setx AWS_SECRET_ACCESS_KEY \"<s>\"",
    "ec2_secret_key: <s>\n",
    "aws_sec_key <s>\n",
    "hive.s3.aws-secret-key=<s>\n",
    "spark.hadoop.fs.s3a.secret.key <s>\n",
    "{\"key\":\"secretKey\",\"value\":\"<s>\"}",
    "<SecretAccessKey><s></SecretAccessKey>",
    "AMAZON_SECRET_ACCESS_KEY=<s>\n",
    "secret_access_key: \"<s>\"",
    "with:\n  aws-secret-access-key: <s>\n",
    "Secret access key: <s>\n",
    "the AWS secret is <s>\n",
    "aws configure set aws_secret_access_key <s> --profile x\n",
    "{\"secretAccessKey\":\"<sj>\"}",
    "secret_access_key=<sq>&x=1",
    "<secretKey><sx></secretKey>",
    "AWS_SECRET_ACCESS_KEY=3D<qp>\n",
    "AWS_SECRET_ACCESS_KEY: <sb>\n",
    "AWS_SECRET_ACCESS_KEY: <sbn>\n",
    "aws_secret_access_key = \"<s1>\" + \"<s2>\"\n",
    "x: <sini64>\n",
    "AWS_SECRET_ACCESS_KEY_PROD=<s>\n",
    "MYAPP_AWS_SECRET_KEY=<s>\n",
    "AWS_SECRET_KEY='<s>'",
    "secret_access_key: >-\n  <s>\n",
];

#[test]
fn a_pair_is_found_in_every_way_of_writing_it_down() {
    for (template, seed) in PAIRS.iter().flat_map(|template| (1..=SEEDS).map(move |seed| (template, seed))) {
        let (id, secret) = values(seed);
        let text = fill(template, &id, &secret);
        let found = find(&text);
        let is_pair = |found: &Credential| {
            found.key_id().is_some_and(|found| found.as_str() == id)
                && found.secret().is_some_and(|found| found.expose() == secret)
        };
        assert!(found.iter().any(is_pair), "{text}\n{found:?}");
        assert_eq!(found.len(), 1, "{text}\n{found:?}");
    }
}

#[test]
fn a_lone_secret_is_found_in_every_way_of_naming_it() {
    for (template, seed) in LONE.iter().flat_map(|template| (1..=SEEDS).map(move |seed| (template, seed))) {
        let (id, secret) = values(seed + 100);
        let text = fill(template, &id, &secret);
        let found = find(&text);
        let confident = |found: &Credential| found.confidence() >= keyward::rules::Confidence::Medium;
        let is_secret = |found: &Credential| found.secret().is_some_and(|found| found.expose() == secret);
        assert!(found.iter().any(|found| is_secret(found) && confident(found)), "{text}\n{found:?}");
    }
}

/// A line break before a base64 text misleads nobody, even where the line before it holds something too.
#[test]
fn a_text_of_its_own_below_a_long_line_of_base64_is_read_by_itself() {
    let ((above, _), (below, _)) = (values(200), values(201));
    // 45 bytes, so that the line has 60 characters and no padding; the last one would touch the ID below.
    let text = format!("{}\n{}\n", STANDARD.encode(format!("{above} {}", "x".repeat(24))), STANDARD.encode(&below));
    let ids: Vec<String> = find(&text).iter().filter_map(Credential::key_id).map(|id| id.to_string()).collect();
    assert_eq!(ids, [above, below]);
}

fn find(text: &str) -> Vec<Credential> {
    Examiner::default().examine(&Prefilter::new(), &mut text.as_bytes()).unwrap().credentials
}

/// Random values; the secret holds what needs an escape, a slash and a plus.
fn values(seed: u64) -> (String, String) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut draw = |alphabet: &[u8]| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(alphabet[usize::try_from(state >> 40).unwrap() % alphabet.len()])
    };
    let id: String = (0..16).map(|_| draw(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")).collect();
    let base64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let secret: String = (0..38).map(|_| draw(base64)).collect();
    (format!("AKIA{id}"), format!("{}/{}+{}", &secret[..11], &secret[11..25], &secret[25..]))
}

fn fill(template: &str, id: &str, secret: &str) -> String {
    parts(id, secret)
        .iter()
        .fold((*template).to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
}

/// The values as each template names them.
fn parts(id: &str, secret: &str) -> Vec<(&'static str, String)> {
    let ini = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    let long = STANDARD.encode(format!("{ini}region = us-east-1\noutput = json\n"));
    let escaped = |slash: &str, plus: &str| secret.replace('/', slash).replace('+', plus);
    let lines = |width: usize, indent: &str| {
        let lines = long.as_bytes().chunks(width).map(|line| format!("{indent}{}", String::from_utf8_lossy(line)));
        lines.collect::<Vec<_>>().join("\n")
    };
    vec![
        ("k", id.to_owned()),
        ("s", secret.to_owned()),
        ("sj", secret.replace('/', "\\/")),
        ("su", escaped("\\u002F", "\\u002B")),
        ("sq", escaped("%2F", "%2B")),
        ("sq2", escaped("%252F", "%252B")),
        ("sx", escaped("&#x2F;", "&#43;")),
        ("qp", format!("{}=\n{}", secret[..20].replace('/', "=2F"), secret[20..].replace('+', "=2B"))),
        ("k1", id[..9].to_owned()),
        ("k2", id[9..].to_owned()),
        ("s1", secret[..19].to_owned()),
        ("s2", secret[19..].to_owned()),
        ("basic", STANDARD.encode(format!("{id}:{secret}"))),
        ("jb", STANDARD.encode(format!("{{\"AccessKeyId\": \"{id}\", \"SecretAccessKey\": \"{secret}\"}}"))),
        ("ini64", STANDARD.encode(&ini)),
        ("bb", STANDARD.encode(STANDARD.encode(&ini))),
        ("wrap", lines(76, "  ")),
        ("wrap64", lines(64, "")),
        ("sb", STANDARD.encode(secret)),
        ("sbn", STANDARD.encode(format!("{secret}\n"))),
        ("sini64", STANDARD.encode(format!("[default]\naws_secret_access_key = {secret}\n"))),
    ]
}
