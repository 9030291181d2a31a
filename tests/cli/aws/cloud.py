"""Plays AWS for the tests: a moto server on a free port of this machine, and boto3 to change and look at it from outside.

The first line of standard output says where it is, and the key of a responder. After that every
line of standard input is a call, and is answered with a line. The server ends with standard input, so with the tests.
"""

import json
import sys
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer


def client(url, service, key, region):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=key["id"],
        aws_secret_access_key=key["secret"],
        aws_session_token=key.get("token"),
        config=Config(retries={"max_attempts": 1}),
    )


def everybody_is_let_in(url, yes):
    """Until this is switched off, moto neither checks signatures nor policies."""
    request = urllib.request.Request(url + "/moto-api/reset-auth", b"inf" if yes else b"0", {"Content-Type": "text/plain"})
    urllib.request.urlopen(request).read()


def user_who_may(iam, name, actions):
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def main():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    url = "http://%s:%d" % server.get_host_and_port()
    everybody_is_let_in(url, True)
    nobody = {"id": "nobody", "secret": "nobody"}
    iam = client(url, "iam", nobody, "us-east-1")
    admin = user_who_may(iam, "admin", "*")
    responder = user_who_may(iam, "responder", ["iam:*", "sts:*"])
    everybody_is_let_in(url, False)
    print(json.dumps({"url": url, "responder": responder}), flush=True)
    for line in sys.stdin:
        call = json.loads(line)
        key = call.get("as") or admin
        try:
            service = client(url, call["service"], key, call.get("region") or "us-east-1")
            answer = {"ok": getattr(service, call["method"])(**call["arguments"])}
        except ClientError as error:
            answer = {"error": error.response["Error"]}
        print(json.dumps(answer, default=str), flush=True)
    server.stop()


main()
