import click
from click.shell_completion import get_completion_class

from adapters.cli.asking import data_dir_option


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@data_dir_option
@click.pass_context
def completion(context: click.Context, shell: str, data_dir: object) -> None:
    """Print what makes a shell complete faraday's verbs.

    For bash: faraday completion bash > ~/.local/share/bash-completion/completions/faraday
    """
    kind = get_completion_class(shell)
    assert kind
    root = context.find_root().command
    click.echo(kind(root, {}, "faraday", "_FARADAY_COMPLETE").source())
